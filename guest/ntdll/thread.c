/* SPDX-License-Identifier: MIT
 * Threads and child processes of a program. */

#include "ntdll.h"

#define IMAGE_NAME_MAX 64
#define COMMAND_LINE_MAX 512

NTSTATUS RtlCreateUserThread(thread_routine *routine, void *argument, bool suspended,
                             HANDLE *thread)
{
    return NtCreateThreadEx(thread, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(),
                            (void *)(uintptr_t)routine, argument,
                            suspended ? THREAD_CREATE_FLAGS_CREATE_SUSPENDED : 0, 0, 0, 0, NULL);
}

/* The process ends with its last thread. */
_Noreturn void RtlExitUserThread(NTSTATUS status)
{
    NtTerminateThread(NtCurrentThread(), status);
    __builtin_unreachable();
}

/* Each argument with its NUL. 0: they are too long. */
static uint16_t join(char *line, char *const *arguments)
{
    size_t used = 0;

    for (; *arguments; arguments++) {
        size_t size = strlen(*arguments) + 1;

        if (size > COMMAND_LINE_MAX - used)
            return 0;
        memcpy(line + used, *arguments, size);
        used += size;
    }
    return (uint16_t)used;
}

NTSTATUS RtlCreateUserProcess(char *const *arguments, bool suspended, HANDLE *process,
                              HANDLE *thread)
{
    struct {
        struct ps_attribute_list list;
        struct ps_attribute name;
    } attributes = {{sizeof(attributes)}, {PS_ATTRIBUTE_IMAGE_NAME, 0, NULL, NULL}};
    struct process_parameters parameters = {.Length = sizeof(parameters)};
    uint16_t name[IMAGE_NAME_MAX];
    char line[COMMAND_LINE_MAX];
    size_t length = strlen(arguments[0]);

    if (length > IMAGE_NAME_MAX)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    for (size_t i = 0; i < length; i++)
        name[i] = (uint8_t)arguments[0][i];
    attributes.name.Size = length * sizeof(name[0]);
    attributes.name.ValuePtr = name;
    parameters.CommandLine.Buffer = line;
    parameters.CommandLine.Length = join(line, arguments);
    if (parameters.CommandLine.Length == 0)
        return STATUS_INVALID_PARAMETER;
    return NtCreateUserProcess(process, thread, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS, NULL, NULL,
                               0, suspended ? THREAD_CREATE_FLAGS_CREATE_SUSPENDED : 0, &parameters,
                               NULL, &attributes.list);
}
