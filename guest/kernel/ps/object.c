/* SPDX-License-Identifier: MIT
 * Process and thread objects: pools, lists, identities. */

#include "ex.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

#define THREADS_MAX 63 /* beside the first one; each has a kernel stack */
#define PROCESSES_MAX 15

static struct kthread threads[THREADS_MAX];
static struct kprocess processes[PROCESSES_MAX];
static uint64_t next_id = 12; /* the first process has 4, its thread 8 */

struct kprocess PsInitialProcess = {
    .Object = {.Type = OBJECT_PROCESS,
               .References = 1,
               .Waits = {&PsInitialProcess.Object.Waits, &PsInitialProcess.Object.Waits}},
    .DirectoryTableBase = (uint64_t)KiPageTables - (RS_GVA_KERNEL - RS_GPA_KERNEL),
    .UniqueProcessId = 4,
    .Affinity = 1,
    .Handles = ExInitialHandles,
    .Threads = {&KiInitialThread.Siblings, &KiInitialThread.Siblings},
    .ThreadCount = 1,
};

struct kthread KiInitialThread = {
    .Object = {.Type = OBJECT_THREAD,
               .References = 1,
               .Waits = {&KiInitialThread.Object.Waits, &KiInitialThread.Object.Waits}},
    .InitialStack = KiKernelStack + KERNEL_STACK_SIZE,
    .StackLimit = (uint64_t)KiKernelStack,
    .StackBase = (uint64_t)KiKernelStack + KERNEL_STACK_SIZE,
    .ApcProcess = &PsInitialProcess,
    .Priority = PRIORITY_NORMAL,
    .Teb = MM_USER_TEB,
    .State = 2, /* running */
    .Process = &PsInitialProcess,
    .PreviousMode = USER_MODE,
    .Cid = {.UniqueProcess = 4, .UniqueThread = 8},
    .Siblings = {&PsInitialProcess.Threads, &PsInitialProcess.Threads},
    .BasePriority = PRIORITY_NORMAL,
    .Affinity = 1,
};

static uint64_t allocate_id(void)
{
    uint64_t id = next_id;

    next_id += 4;
    return id;
}

struct kthread *PspAllocateThread(struct kprocess *process)
{
    struct kthread *thread = threads;

    while (thread < threads + THREADS_MAX && thread->Object.Type != OBJECT_FREE)
        thread++;
    if (thread == threads + THREADS_MAX)
        return NULL;
    *thread =
        (struct kthread){.Process = process, .ApcProcess = process, .PreviousMode = USER_MODE};
    thread->Affinity = process->Affinity;
    thread->Processor = thread->FxProcessor = NO_PROCESSOR;
    KeInitializeObject(&thread->Object, OBJECT_THREAD, 0);
    thread->Object.References = 1;
    thread->Priority = PRIORITY_NORMAL;
    thread->BasePriority = PRIORITY_NORMAL;
    thread->Cid.UniqueProcess = process->UniqueProcessId;
    thread->Cid.UniqueThread = allocate_id();
    thread->ExitStatus = STATUS_PENDING;
    process->Object.References++;
    return thread;
}

struct kprocess *PspAllocateProcess(void)
{
    struct kprocess *process = processes;

    while (process < processes + PROCESSES_MAX && process->Object.Type != OBJECT_FREE)
        process++;
    if (process == processes + PROCESSES_MAX)
        return NULL;
    *process = (struct kprocess){.ExitStatus = STATUS_PENDING};
    KeInitializeObject(&process->Object, OBJECT_PROCESS, 0);
    process->Object.References = 1;
    process->UniqueProcessId = allocate_id();
    process->Affinity = KeQueryActiveProcessors();
    InitializeListHead(&process->Threads);
    return process;
}

void PspDeleteThread(struct object *object)
{
    struct kthread *thread = (struct kthread *)object;

    object->Type = OBJECT_FREE;
    ExDereference(&thread->Process->Object);
}

void PspDeleteProcess(struct object *object)
{
    object->Type = OBJECT_FREE;
}

/* Those that have not ended. */
struct kprocess *PsNextProcess(struct kprocess *after)
{
    struct kprocess *process = processes;

    if (!after)
        return &PsInitialProcess;
    if (after != &PsInitialProcess)
        process = after + 1;
    while (process < processes + PROCESSES_MAX &&
           (process->Object.Type == OBJECT_FREE || process->ThreadCount == 0))
        process++;
    return process < processes + PROCESSES_MAX ? process : NULL;
}

struct kthread *PsNextThread(struct kprocess *process, struct kthread *after)
{
    struct list_entry *next = after ? after->Siblings.Flink : process->Threads.Flink;

    return next == &process->Threads ? NULL : LIST_OWNER(next, struct kthread, Siblings);
}

struct kprocess *PsLookupProcess(uint64_t id)
{
    struct kprocess *process = NULL;

    while ((process = PsNextProcess(process)) != NULL)
        if (process->UniqueProcessId == id)
            return process;
    return NULL;
}

struct kthread *PsLookupThread(uint64_t id)
{
    for (struct kprocess *process = NULL; (process = PsNextProcess(process)) != NULL;)
        for (struct kthread *thread = NULL; (thread = PsNextThread(process, thread)) != NULL;)
            if (thread->Cid.UniqueThread == id)
                return thread;
    return NULL;
}
