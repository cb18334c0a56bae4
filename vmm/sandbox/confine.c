/* SPDX-License-Identifier: MIT
 * A thread gives up the calls that its role does not make; what happens when it makes one. */
#include "internal.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers of another interface than the machine's own: INT 80h, and x32, whose numbers have this
 * bit. */
#define FOREIGN 0x40000000

static const char *const call_names[] = {
#define X(name, number) [number] = #name,
#include "syscalls.def"
#undef X
};

static _Thread_local struct {
    rs_sandbox_tell *tell;
    void *context;
} thread;

const char *rs_sandbox_call_name(int call)
{
    if (call < 0)
        return NULL;
    if (call & FOREIGN)
        return "of the 32-bit interface";
    if ((size_t)call >= sizeof(call_names) / sizeof(call_names[0]))
        return NULL;
    return call_names[call];
}

static void put(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

    (void)ignored;
}

/* No printf() in a signal handler. */
static void put_number(unsigned number)
{
    char digits[12] = "";
    char *digit = digits + sizeof(digits) - 1;

    do
        *--digit = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put(digit);
}

static void put_line(int call)
{
    const char *name = rs_sandbox_call_name(call);

    put("ringscope: its sandbox stopped it at the system call ");
    if (name)
        put(name);
    else
        put_number((unsigned)call);
    put(", which it never makes while a guest runs\n");
}

/* seccomp(2), SECCOMP_RET_TRAP: the call was not made. Only exit() of the thread is sure to be
 * allowed: nothing is taken for granted about a thread that has come here. */
static void on_violation(int signal, siginfo_t *information, void *state)
{
    int call = information->si_syscall;

    (void)signal;
    (void)state;
    if (information->si_arch != AUDIT_ARCH_X86_64)
        call |= FOREIGN;
    if (thread.tell && !RS_SANDBOX_SANITIZED) { /* which waits for its threads to say goodbye */
        thread.tell(thread.context, call);
        syscall(SYS_exit, 0);
    }
    put_line(call);
    syscall(SYS_exit_group, RS_EXIT_SANDBOX);
    syscall(SYS_exit, 0);
}

/* A signal that is blocked when it is forced ends the process without a word. */
static int listen(void)
{
    struct sigaction action = {.sa_sigaction = on_violation, .sa_flags = SA_SIGINFO};
    sigset_t violation;

    sigemptyset(&violation);
    sigaddset(&violation, SIGSYS);
    if (sigaction(SIGSYS, &action, NULL) != 0)
        return -errno;
    return -pthread_sigmask(SIG_UNBLOCK, &violation, NULL);
}

/* SPEC_ALLOW: the guest runs behind KVM's own mitigations, and no code of others in this process.
 */
int rs_sandbox_confine(const struct rs_sandbox_filter *filter, rs_sandbox_tell *tell, void *context)
{
    struct sock_fprog program = {filter->count, filter->instructions};
    int result;

    if (!filter->instructions)
        return 0;
    thread.tell = tell;
    thread.context = context;
    result = listen();
    if (result == 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                               &program) != 0)
        result = -errno;
    return result;
}
