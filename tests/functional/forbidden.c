/* SPDX-License-Identifier: MIT
 * System calls that ringscope never makes while a guest runs. */
#include "forbidden.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void call_open(void)
{
    syscall(SYS_open, "/etc/passwd", O_RDONLY);
}

static void call_openat(void)
{
    syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static void call_socket(void)
{
    syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static void call_execve(void)
{
    static char *argv[] = {NULL};

    syscall(SYS_execve, "/bin/true", argv, argv);
}

static void call_ptrace(void)
{
    syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static void call_clone(void)
{
    syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void call_kill(void)
{
    syscall(SYS_kill, 1, 0);
}

/* The only request of its kind: memory of the VMM for the guest. */
static void call_ioctl(void)
{
    syscall(SYS_ioctl, -1, KVM_SET_USER_MEMORY_REGION, NULL);
}

static void call_mmap(void)
{
    syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Words into the terminal, as if its user had typed them. */
static void call_type(void)
{
    syscall(SYS_ioctl, STDERR_FILENO, TIOCSTI, "x");
}

/* By the interface of 32-bit programs, where the numbers are others: 11 is execve, and munmap. */
static void call_int80(void)
{
    __asm__ volatile("int $0x80" : : "a"(11), "b"(0), "c"(0), "d"(0) : "memory");
}

static const struct {
    const char *name;
    void (*make)(void);
} calls[] = {
    {"open", call_open},     {"openat", call_openat}, {"socket", call_socket},
    {"execve", call_execve}, {"ptrace", call_ptrace}, {"clone", call_clone},
    {"kill", call_kill},     {"ioctl", call_ioctl},   {"mmap", call_mmap},
    {"int80", call_int80},   {"type", call_type},
};

forbidden_fn *forbidden_call(const char *name)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (strcmp(name, calls[i].name) == 0)
            return calls[i].make;
    return NULL;
}
