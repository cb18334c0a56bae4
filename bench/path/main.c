/* SPDX-License-Identifier: MIT
 * bench-path: fixed scenarios, each in instructions, on a host whose TSC counts them.
 *
 *   bench-path HOST      runs it in a machine of that emulated host, which is booted once
 *   bench-path inside    what is run there
 *
 * bench/path-length compares what it prints with what is in the tree. */
#include "path.h"

#include "commands/host.h"
#include "doctor/needs.h"
#include "host/emulated.h"
#include "kvm/kvm_host.h"

#include <gnu/libc-version.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <x86intrin.h>

#define TIMEOUT_S 900 /* on a busy machine */
#define LOOP 10000
#define CLOCK_TRIES 3

void rs_path_put(const char *name, double instructions)
{
    printf("%s %.3f\n", name, instructions);
    fflush(stdout);
}

/* What figures depend on besides ringscope's sources. */
static void put_environment(void)
{
    struct utsname system;

    uname(&system);
    printf("# kernel: %s %s\n", system.release, system.version);
    printf("# compiler: " RS_PATH_COMPILER "\n");
    printf("# options: " RS_PATH_OPTIONS "\n");
    printf("# libc: %s\n", gnu_get_libc_version());
}

/* Two instructions a round: a clock that says otherwise counts no instructions. */
static int check_clock(struct rs_error *error)
{
    uint64_t rounds = LOOP, ticks = __rdtsc();

    __asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(rounds) : : "cc");
    ticks = __rdtsc() - ticks;
    if (ticks >= 2 * LOOP && ticks < 2 * LOOP + 64)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST,
                        "this host's TSC counts no instructions: %d took %" PRIu64 " ticks",
                        2 * LOOP, ticks);
}

static int measure(struct rs_path *path, struct rs_error *error)
{
    for (unsigned tries = 1; check_clock(error) != 0; tries++) /* an interrupt may come between */
        if (tries == CLOCK_TRIES)
            return -1;
    put_environment();
    if (rs_doctor_needs(path->kvm_fd, &path->needs, error) != 0 ||
        rs_path_exits(path, error) != 0 || rs_path_calls(path, error) != 0)
        return -1;
    return rs_path_boots(path, error);
}

static int inside(struct rs_error *error)
{
    struct rs_path path = {.kvm_fd = rs_kvm_open(error)};

    return path.kvm_fd < 0 ? -1 : measure(&path, error);
}

static int emulate(const char *host, struct rs_error *error)
{
    static const char *const argv[] = {"bench-path", "inside", NULL};
    struct rs_emulated_command command = {
        .argv = argv, .no_stdin = true, .timeout_s = TIMEOUT_S, .verbose = getenv("VERBOSE")};
    enum rs_host_choice choice;

    if (rs_host_parse(host, &choice, error) != 0)
        return -1;
    if (choice < RS_HOST_EMULATED)
        return rs_error_set(error, RS_EXIT_USAGE, "host '%s': one that is emulated, or 'inside'",
                            host);
    command.kind = rs_host_kind(choice);
    return rs_emulated_run(&command, error);
}

int main(int argc, char **argv)
{
    struct rs_error error;
    int result;

    if (argc != 2) {
        fprintf(stderr, "usage: bench-path HOST|inside\n");
        return RS_EXIT_USAGE;
    }
    result = strcmp(argv[1], "inside") == 0 ? inside(&error) : emulate(argv[1], &error);
    if (result >= 0)
        return result;
    fprintf(stderr, "bench-path: %s\n", error.message);
    return error.exit_code;
}
