/* SPDX-License-Identifier: MIT
 * A ringscope that does what it must not: `violate CALL THREAD DIR [VCPUS]` runs the bundled guest
 * with a trace in DIR, and at an event in the middle makes CALL, on the vCPU thread or on the main
 * one. The session is the product's own; what differs is a function that it calls at each event. */
#include "commands/launch.h"
#include "kvm/kvm_host.h"
#include "nt/services.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AT_EVENT 100

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
    {"int80", call_int80},
};

static void (*make_call)(void);
static bool on_main;
static unsigned events;

static bool at_event(void *context, const struct rs_event *event)
{
    (void)context;
    (void)event;
    if (++events == AT_EVENT && !on_main)
        make_call();
    return on_main && events == AT_EVENT; /* stops the machine: finish() is next */
}

static int prepare(struct rs_visitor *visitor, struct rs_session *session,
                   const struct rs_images *images)
{
    (void)visitor;
    (void)images;
    session->machine.until = at_event;
    return 0;
}

static int finish(struct rs_visitor *visitor, struct rs_session *session,
                  const struct rs_images *images)
{
    (void)visitor;
    (void)images;
    if (on_main)
        make_call();
    return rs_session_exit_code(session);
}

int main(int argc, char **argv)
{
    static struct rs_visitor visitor = {prepare, finish};
    static struct rs_filter filter;
    struct rs_images images;
    static char name[] = "demo";
    static char *arguments[] = {name, NULL};
    struct rs_launch launch = {.filter = &filter, .visitor = &visitor};
    struct rs_options options;
    struct rs_error error;
    int kvm_fd;

    for (size_t i = 0; argc >= 4 && i < sizeof(calls) / sizeof(calls[0]); i++)
        if (strcmp(argv[1], calls[i].name) == 0)
            make_call = calls[i].make;
    if (!make_call) {
        fprintf(stderr, "usage: violate CALL vcpu|main DIR [VCPUS]\n");
        return RS_EXIT_USAGE;
    }
    on_main = strcmp(argv[2], "main") == 0;
    rs_options_init(&options, &error);
    options.arguments = arguments;
    options.cpus = argc == 5 ? (unsigned)atoi(argv[4]) : 1;
    if (rs_images_load(&images, &options, &error) != 0) {
        fprintf(stderr, "ringscope: %s\n", error.message);
        return error.exit_code;
    }
    rs_filter_init(&filter);
    launch.recording = (struct rs_recording){.path = argv[3], .argc = argc, .argv = argv};
    kvm_fd = rs_kvm_open(&error);
    if (kvm_fd < 0) {
        fprintf(stderr, "ringscope: %s\n", error.message);
        return error.exit_code;
    }
    return rs_launch(&options, &launch, kvm_fd, &images);
}
