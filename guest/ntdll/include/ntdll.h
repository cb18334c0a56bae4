/* SPDX-License-Identifier: MIT
 * Everything that ntdll offers to programs, beside the service stubs of nt/api.h. */
#ifndef NTDLL_H
#define NTDLL_H

#include <nt/api.h>
#include <nt/process.h>
#include <rtl.h>

/* The program. Its value is the exit status of the process. */
int main(int argc, char **argv);

_Noreturn void exit(int status);

/* Threads. What the routine returns is the exit status of the thread. */
typedef NTSTATUS thread_routine(void *argument);
NTSTATUS RtlCreateUserThread(thread_routine *routine, void *argument, bool suspended,
                             HANDLE *thread);
_Noreturn void RtlExitUserThread(NTSTATUS status);

/* A procedure for a thread to call in its next alertable wait; two more arguments are timers' own.
 */
typedef void apc_routine(void *argument, void *low, void *high);
NTSTATUS RtlQueueApc(HANDLE thread, apc_routine *routine, void *argument);

/* A process: arguments[0] names a program that was loaded at boot; NULL ends them. */
NTSTATUS RtlCreateUserProcess(char *const *arguments, bool suspended, HANDLE *process,
                              HANDLE *thread);

static inline struct teb *NtCurrentTeb(void)
{
    struct teb *teb;

    __asm__("movq %%gs:%c1, %0" : "=r"(teb) : "i"(offsetof(struct teb, Self)));
    return teb;
}

static inline const struct process_parameters *RtlGetParameters(void)
{
    return NtCurrentTeb()->ProcessEnvironmentBlock->ProcessParameters;
}

/* Formats as RtlFormat, to the standard output. The number of characters, or -1. */
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int vprintf(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
/* The same to the standard error. */
int eprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The text is cut to fit; the value is its full length. */
int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
int snprintf(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int puts(const char *string);

/* Base 0, 10 or 16; the result is wrapped, not clamped, when it does not fit. */
long strtol(const char *string, char **end, int base);
unsigned long strtoul(const char *string, char **end, int base);

/*
 * Vectored exception handlers. A handler may change the context; what it returns says whether
 * the thread goes on with it. When no handler takes an exception, the process ends with its code.
 */
#define EXCEPTION_CONTINUE_EXECUTION (-1)
#define EXCEPTION_CONTINUE_SEARCH 0

struct exception_pointers {
    struct exception_record *ExceptionRecord;
    struct context *ContextRecord;
};

typedef long vectored_handler(struct exception_pointers *exception);

/* When the context is continued, the call returns once more. */
void RtlCaptureContext(struct context *context) __attribute__((returns_twice));

/* A handle for removal, or NULL when there are too many. `first`: before the others. */
void *RtlAddVectoredExceptionHandler(bool first, vectored_handler *handler);
bool RtlRemoveVectoredExceptionHandler(void *handle);

#endif
