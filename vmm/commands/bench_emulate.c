/* SPDX-License-Identifier: MIT
 * ringscope bench --host tcg: measured there, shown here. */
#include "bench.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIXED_ARGUMENTS 12

struct inner {
    char boots[24], runs[24], samples[24], plant[32];
    char *argv[FIXED_ARGUMENTS + RS_BENCH_WHATS_MAX];
    int argc;
};

/* argp takes no const: neither does it change them. */
static void add(struct inner *inner, const char *argument)
{
    inner->argv[inner->argc++] = (char *)(uintptr_t)argument;
}

static void add_number(struct inner *inner, char text[24], const char *option, unsigned number)
{
    if (number == 0)
        return;
    snprintf(text, 24, "%s=%u", option, number);
    add(inner, text);
}

static void build(struct inner *inner, const struct rs_bench_options *options)
{
    add(inner, "ringscope bench");
    add(inner, "--json");
    if (options->quick)
        add(inner, "--quick");
    if (options->strict)
        add(inner, "--strict");
    add_number(inner, inner->boots, "--boots", options->boots);
    add_number(inner, inner->runs, "--runs", options->runs);
    add_number(inner, inner->samples, "--samples", options->samples);
    if (options->plant != RS_BENCH_PLANT_NONE) {
        snprintf(inner->plant, sizeof(inner->plant), "--plant-error=%s",
                 options->plant == RS_BENCH_PLANT_ACTIVE ? "active" : "passive");
        add(inner, inner->plant);
    }
    for (unsigned i = 0; i < options->what_count; i++)
        add(inner, options->what[i]);
}

/* The JSON goes through a file without a name. */
int rs_bench_emulate(const struct rs_bench_options *options, struct rs_bench_result *result)
{
    char path[32];
    struct inner inner = {.argc = 0};
    struct rs_emulation emulation = {.kind = rs_host_kind(options->host),
                                     .argv = inner.argv,
                                     .output_file = path,
                                     .no_stdin = true};
    struct rs_error error;
    int fd = memfd_create("ringscope-bench", MFD_CLOEXEC), exit_code;

    if (fd < 0) {
        fprintf(stderr, "ringscope: no file can be made in memory: %s\n", strerror(errno));
        return RS_EXIT_OUTPUT;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    build(&inner, options);
    emulation.argc = inner.argc;
    exit_code = rs_host_emulate(&emulation);
    if (exit_code == RS_EXIT_SUCCESS || exit_code == RS_EXIT_INVALID) {
        exit_code = 0;
        if (rs_bench_load(path, result, &error) != 0) {
            fprintf(stderr, "ringscope: %s\n", error.message);
            exit_code = error.exit_code;
        }
    }
    close(fd);
    return exit_code;
}
