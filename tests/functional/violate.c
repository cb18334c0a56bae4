/* SPDX-License-Identifier: MIT
 * A ringscope that does what it must not: `violate CALL THREAD DIR [VCPUS]` runs the bundled guest
 * with a trace in DIR, and at an event in the middle makes CALL, on the vCPU thread or on the main
 * one. The session is the product's own; what differs is a function that it calls at each event. */
#include "forbidden.h"

#include "commands/launch.h"
#include "kvm/kvm_host.h"
#include "nt/services.h"

#include <stdlib.h>
#include <string.h>

#define AT_EVENT 100

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

    make_call = argc >= 4 ? forbidden_call(argv[1]) : NULL;
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
