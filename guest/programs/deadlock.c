/* SPDX-License-Identifier: MIT
 * Two threads that wait for each other's mutant: nothing can happen any more. */

#include <ntdll.h>

static HANDLE mutants[2];
static volatile unsigned taken;

static NTSTATUS wait_for_both(void *argument)
{
    const uint64_t first = (uint64_t)argument;

    NtWaitForSingleObject(mutants[first], false, NULL);
    __atomic_fetch_add(&taken, 1, __ATOMIC_SEQ_CST);
    while (taken < 2)
        NtYieldExecution();
    return NtWaitForSingleObject(mutants[1 - first], false, NULL);
}

int main(int argc, char **argv)
{
    HANDLE thread;

    (void)argc;
    (void)argv;
    for (unsigned i = 0; i < 2; i++)
        NtCreateMutant(&mutants[i], MUTANT_ALL_ACCESS, NULL, false);
    RtlCreateUserThread(wait_for_both, (void *)1, false, &thread);
    puts("each takes its own mutant, then waits for the other's");
    return wait_for_both(NULL);
}
