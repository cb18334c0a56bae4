/* SPDX-License-Identifier: MIT
 * From the kernel's hand-over to main. */

#include "ntdll.h"

#define ARGUMENTS_MAX 128

_Noreturn NTAPI void RtlStartThread(thread_routine *routine, void *argument);

_Noreturn void exit(int status)
{
    NtTerminateProcess(NtCurrentProcess(), status);
    __builtin_unreachable();
}

/* The command line is the arguments one after another, each with its NUL. */
static _Noreturn void start_program(void)
{
    const struct string *line = &RtlGetParameters()->CommandLine;
    char *argument = line->Buffer, *end = line->Buffer + line->Length;
    char *argv[ARGUMENTS_MAX + 1];
    int argc = 0;

    for (; argument < end && argc < ARGUMENTS_MAX; argument += strlen(argument) + 1)
        argv[argc++] = argument;
    argv[argc] = NULL;
    exit(main(argc, argv));
}

_Noreturn NTAPI void RtlStartThread(thread_routine *routine, void *argument)
{
    if (!routine)
        start_program();
    RtlExitUserThread(routine(argument));
}
