/* SPDX-License-Identifier: MIT
 * NtCreateThreadEx and NtCreateUserProcess. */

#include "ex.h"
#include "ps.h"
#include "scheduler.h"

#include <nt/api.h>
#include <nt/process.h>
#include <rtl.h>

/* Runs as soon as its turn comes; a suspended one then stops on its way to ring 3. */
static void start_thread(struct kthread *thread, bool suspended)
{
    uint32_t previous;
    uint8_t irql = KiLockDispatcher();

    if (suspended)
        PsSuspendThread(thread, &previous);
    KiReadyThread(thread);
    KiUnlockDispatcher(irql);
}

/* A thread that cannot be given to the caller runs all the same, straight to its end. */
static NTSTATUS hand_over(struct kthread *thread, uint32_t access, HANDLE *user_handle,
                          bool suspended)
{
    NTSTATUS status = ExEndCreate(&thread->Object, access, user_handle);

    if (!NT_SUCCESS(status))
        PspTerminateThread(thread, status);
    start_thread(thread, suspended && NT_SUCCESS(status));
    return status;
}

NTSTATUS NTAPI NtCreateThreadEx(HANDLE *ThreadHandle, uint32_t DesiredAccess,
                                const struct object_attributes *ObjectAttributes,
                                HANDLE ProcessHandle, void *StartRoutine, void *Argument,
                                uint32_t CreateFlags, uint64_t ZeroBits, uint64_t StackSize,
                                uint64_t MaximumStackSize,
                                const struct ps_attribute_list *Attributes)
{
    struct thread_start start = {
        .start = (uint64_t)StartRoutine,
        .argument = (uint64_t)Argument,
        .stack_size = MaximumStackSize ? MaximumStackSize : StackSize,
    };
    struct kprocess *process;
    struct kthread *thread;
    NTSTATUS status = ExBeginCreate(ThreadHandle, ObjectAttributes);

    (void)ZeroBits; /* any address will do */
    if (NT_SUCCESS(status) && (!StartRoutine || start.start >= RS_GVA_USER_PROBE))
        status = STATUS_INVALID_PARAMETER_5;
    if (NT_SUCCESS(status) && (CreateFlags & ~THREAD_CREATE_FLAGS_CREATE_SUSPENDED))
        status = STATUS_INVALID_PARAMETER_7;
    if (NT_SUCCESS(status) && Attributes)
        status = STATUS_NOT_SUPPORTED;
    if (NT_SUCCESS(status))
        status = ExReferenceProcess(ProcessHandle, PROCESS_CREATE_THREAD, &process);
    if (NT_SUCCESS(status))
        status = PspCreateThread(process, &start, &thread);
    if (!NT_SUCCESS(status))
        return status;
    return hand_over(thread, DesiredAccess, ThreadHandle,
                     CreateFlags & THREAD_CREATE_FLAGS_CREATE_SUSPENDED);
}

/* The last component of the name, in 8 bits: modules have no folders. */
static const struct rs_boot_module *find_module(const uint16_t *name, uint64_t length)
{
    uint64_t start = length;

    while (start && name[start - 1] != '\\' && name[start - 1] != '/')
        start--;
    for (uint32_t i = 0; i < KeBootInfo->module_count; i++) {
        const struct rs_boot_module *module = &KeBootInfo->modules[i];
        uint64_t at = 0;

        while (start + at < length && at < RS_BOOT_NAME_MAX && name[start + at] &&
               name[start + at] == (uint8_t)module->name[at])
            at++;
        if (at && start + at == length && at < RS_BOOT_NAME_MAX && module->name[at] == 0)
            return module;
    }
    return NULL;
}

#define IMAGE_NAME_MAX 128

static NTSTATUS read_image_name(const struct ps_attribute *attribute,
                                const struct rs_boot_module **module)
{
    uint16_t name[IMAGE_NAME_MAX];
    NTSTATUS status;

    if (attribute->Size > sizeof(name) || attribute->Size % 2)
        return STATUS_INVALID_PARAMETER;
    status = MmReadUser(name, attribute->ValuePtr, attribute->Size);
    if (!NT_SUCCESS(status))
        return status;
    *module = find_module(name, attribute->Size / 2);
    return *module ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

static NTSTATUS read_attributes(const struct ps_attribute_list *user_list,
                                const struct rs_boot_module **module, struct client_id **user_id)
{
    struct ps_attribute attribute;
    uint64_t size;
    NTSTATUS status = MmReadUser(&size, &user_list->TotalLength, sizeof(size));

    if (NT_SUCCESS(status) &&
        (size < sizeof(size) || (size - sizeof(size)) % sizeof(attribute) || size > PAGE_SIZE))
        status = STATUS_INVALID_PARAMETER;
    for (uint64_t i = 0; NT_SUCCESS(status) && i < (size - sizeof(size)) / sizeof(attribute); i++) {
        status = MmReadUser(&attribute, &user_list->Attributes[i], sizeof(attribute));
        if (!NT_SUCCESS(status))
            break;
        if (attribute.Attribute == PS_ATTRIBUTE_IMAGE_NAME)
            status = read_image_name(&attribute, module);
        else if (attribute.Attribute == PS_ATTRIBUTE_CLIENT_ID &&
                 attribute.Size == sizeof(**user_id))
            *user_id = attribute.ValuePtr;
        else
            status = STATUS_INVALID_PARAMETER;
    }
    return status;
}

static NTSTATUS create_process(const struct rs_boot_module *module, const char *command_line,
                               uint32_t size, struct kprocess **created, struct kthread **thread)
{
    const struct thread_start start = {.first = true};
    struct kprocess *process = PspAllocateProcess();
    struct mm_user_control control;
    NTSTATUS status;

    if (!process)
        return STATUS_INSUFFICIENT_RESOURCES;
    process->Parent = PsGetCurrentProcess()->UniqueProcessId;
    process->Affinity = PsGetCurrentProcess()->Affinity;
    status = MmCreateAddressSpace(process);
    if (NT_SUCCESS(status))
        status = ExCreateHandleTable(process);
    if (NT_SUCCESS(status))
        status = MmLoadImage(process, module);
    if (NT_SUCCESS(status))
        status = MmCreateUserControl(process, &control);
    if (NT_SUCCESS(status)) {
        MmFillUserControl(process, &control, command_line, size);
        status = PspCreateThread(process, &start, thread);
    }
    if (!NT_SUCCESS(status)) {
        ExCloseAllHandles(process);
        MmDeleteAddressSpace(process);
        ExDereference(&process->Object);
        return status;
    }
    *created = process;
    return STATUS_SUCCESS;
}

static NTSTATUS read_command_line(const struct process_parameters *user_parameters, char *line,
                                  uint32_t *size)
{
    struct string string;
    NTSTATUS status =
        MmReadUser(&string, &user_parameters->CommandLine, sizeof(user_parameters->CommandLine));

    if (NT_SUCCESS(status) && string.Length > RS_BOOT_COMMAND_LINE_MAX)
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        status = MmReadUser(line, string.Buffer, string.Length);
    *size = string.Length;
    return status;
}

/* The image is a boot module, named by PS_ATTRIBUTE_IMAGE_NAME; of the parameters the command line
 * counts. */
NTSTATUS NTAPI NtCreateUserProcess(HANDLE *ProcessHandle, HANDLE *ThreadHandle,
                                   uint32_t ProcessDesiredAccess, uint32_t ThreadDesiredAccess,
                                   const struct object_attributes *ProcessObjectAttributes,
                                   const struct object_attributes *ThreadObjectAttributes,
                                   uint32_t ProcessFlags, uint32_t ThreadFlags,
                                   const struct process_parameters *ProcessParameters,
                                   void *CreateInfo, const struct ps_attribute_list *AttributeList)
{
    char line[RS_BOOT_COMMAND_LINE_MAX];
    const struct rs_boot_module *module = NULL;
    struct client_id *user_id = NULL;
    struct kprocess *process;
    struct kthread *thread;
    uint32_t size;
    NTSTATUS status = ExBeginCreate(ProcessHandle, ProcessObjectAttributes);

    (void)CreateInfo; /* what it asks for in and out is about image files and debuggers */
    if (NT_SUCCESS(status))
        status = ExBeginCreate(ThreadHandle, ThreadObjectAttributes);
    if (NT_SUCCESS(status) &&
        (ProcessFlags || (ThreadFlags & ~THREAD_CREATE_FLAGS_CREATE_SUSPENDED)))
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        status = read_attributes(AttributeList, &module, &user_id);
    if (NT_SUCCESS(status) && user_id)
        status = MmProbeForWrite(user_id, sizeof(*user_id));
    if (NT_SUCCESS(status) && !module)
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        status = read_command_line(ProcessParameters, line, &size);
    if (NT_SUCCESS(status))
        status = create_process(module, line, size, &process, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = ExEndCreate(&process->Object, ProcessDesiredAccess, ProcessHandle);
    if (!NT_SUCCESS(status))
        PspTerminateProcess(process, NULL, status);
    if (NT_SUCCESS(status) && user_id)
        MmWriteUser(user_id, &thread->Cid, sizeof(thread->Cid)); /* probed before */
    NTSTATUS handed = hand_over(thread, ThreadDesiredAccess, ThreadHandle,
                                ThreadFlags & THREAD_CREATE_FLAGS_CREATE_SUSPENDED);
    return NT_SUCCESS(status) ? handed : status;
}
