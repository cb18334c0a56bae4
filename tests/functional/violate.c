/* SPDX-License-Identifier: MIT
 * A ringscope that does what it must not: `violate CALL THREAD DIR [VCPUS [MODE]]` runs the bundled
 * guest with a trace in DIR, and at an event in the middle makes CALL, on the vCPU thread or on the
 * main one. MODE is --sandbox's. The session is the product's own; what differs is a function that
 * it calls at each event. */
#include "forbidden.h"

#include "commands/launch.h"
#include "kvm/kvm_host.h"
#include "nt/services.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AT_EVENT 100
#define DESCRIPTORS 64 /* that may be open in the sandbox, without a trace in rotation */

static void (*make_call)(void);
static bool on_main;
static struct rs_session *violated;
static unsigned events;

static int used[RS_CPU_FILES];    /* by the vCPU thread that makes the call */
static atomic_int tried, reached; /* descriptors that are not among these; those that are there */

static bool is_used(int fd)
{
    for (unsigned i = 0; i < RS_CPU_FILES; i++)
        if (used[i] == fd)
            return true;
    return false;
}

/* Ioctls of what the thread has no business with: typing on a terminal, and any other. */
static void call_foreign_ioctls(void)
{
    int bytes;

    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        if (is_used(fd))
            continue;
        atomic_fetch_add(&tried, 1);
        if (syscall(SYS_ioctl, fd, TIOCSTI, "x") != -1 || errno != EBADF ||
            syscall(SYS_ioctl, fd, FIONREAD, &bytes) != -1 || errno != EBADF)
            atomic_fetch_add(&reached, 1);
    }
}

static bool at_event(void *context, const struct rs_event *event)
{
    (void)context;
    (void)event;
    if (++events == AT_EVENT && !on_main) {
        for (unsigned i = 0; i < violated->machine.cpu_count; i++)
            if (pthread_equal(violated->machine.cpus[i].self, pthread_self()))
                rs_cpu_files(&violated->machine.cpus[i], used);
        make_call();
    }
    return on_main && events == AT_EVENT; /* stops the machine: finish() is next */
}

static int prepare(struct rs_visitor *visitor, struct rs_session *session,
                   const struct rs_images *images)
{
    (void)visitor;
    (void)images;
    violated = session;
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
    if (atomic_load(&tried) > 0)
        fprintf(stderr, "violate: of %d descriptors %d are there\n", atomic_load(&tried),
                atomic_load(&reached));
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

    if (argc >= 4)
        make_call =
            strcmp(argv[1], "foreign-ioctls") == 0 ? call_foreign_ioctls : forbidden_call(argv[1]);
    if (!make_call) {
        fprintf(stderr, "usage: violate CALL vcpu|main DIR [VCPUS [MODE]]\n");
        return RS_EXIT_USAGE;
    }
    on_main = strcmp(argv[2], "main") == 0;
    rs_options_init(&options, &error);
    options.arguments = arguments;
    options.cpus = argc >= 5 ? (unsigned)atoi(argv[4]) : 1;
    if (argc == 6 && !rs_sandbox_parse(argv[5], &options.sandbox.mode))
        return RS_EXIT_USAGE;
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
