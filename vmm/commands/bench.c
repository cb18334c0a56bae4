/* SPDX-License-Identifier: MIT
 * ringscope bench: what transitions cost, in the guest and on the host, with how it was found. */
#include "bench.h"

#include "commands.h"
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_JSON = 0x100,
    KEY_CSV,
    KEY_HOST,
    KEY_BOOTS,
    KEY_RUNS,
    KEY_SAMPLES,
    KEY_QUICK,
    KEY_STRICT,
    KEY_LIST,
    KEY_PLANT
};

static const struct argp_option options_table[] = {
    {"list", KEY_LIST, NULL, 0, "List what can be measured, and end", 1},
    {"quick", KEY_QUICK, NULL, 0, "Few samples: to see whether it works, not for figures", 1},
    {"boots", KEY_BOOTS, "N", 0, "Boot each guest so often (3)", 1},
    {"runs", KEY_RUNS, "N", 0, "Runs in each boot (5)", 1},
    {"samples", KEY_SAMPLES, "N", 0, "Samples of each item in a run (60)", 1},
    {"strict", KEY_STRICT, NULL, 0, "Refuse to measure where something disturbs it", 1},
    {"host", KEY_HOST, "auto|kvm|tcg", 0,
     "What is measured: /dev/kvm, or kvm-amd in an emulated machine; auto takes /dev/kvm when it "
     "is usable",
     1},
    {"json", KEY_JSON, NULL, 0, "Print JSON instead of a table", 2},
    {"csv", KEY_CSV, NULL, 0, "Print CSV instead of a table", 2},
    {"output", 'o', "FILE", 0, "Write that to FILE", 2},
    {"plant-error", KEY_PLANT, "active|passive", OPTION_HIDDEN,
     "Spoil what a method recovers: the run must be found not valid", 0},
    {0},
};

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static error_t bad(struct rs_bench_options *options, const char *option, const char *value,
                   const char *allowed)
{
    rs_error_set(&options->error, RS_EXIT_USAGE, "%s '%s': %s", option, value, allowed);
    return EINVAL;
}

static error_t parse_number(struct rs_bench_options *options, const char *option, const char *value,
                            unsigned max, unsigned *number)
{
    unsigned long parsed;
    char allowed[64];
    char *end;

    errno = 0;
    parsed = strtoul(value, &end, 10);
    if (!errno && end != value && !*end && value[0] != '-' && parsed >= 1 && parsed <= max) {
        *number = (unsigned)parsed;
        return 0;
    }
    snprintf(allowed, sizeof(allowed), "a number from 1 to %u", max);
    return bad(options, option, value, allowed);
}

static error_t parse_plant(struct rs_bench_options *options, const char *value)
{
    if (strcmp(value, "active") == 0)
        options->plant = RS_BENCH_PLANT_ACTIVE;
    else if (strcmp(value, "passive") == 0)
        options->plant = RS_BENCH_PLANT_PASSIVE;
    else
        return bad(options, "--plant-error", value, "one of active passive");
    return 0;
}

static error_t add_what(struct rs_bench_options *options, const char *what)
{
    const struct rs_bench_item *item;

    for (size_t i = 0; (item = rs_bench_item_at(i)); i++) {
        if (!rs_bench_item_is(item, what))
            continue;
        if (options->what_count == RS_BENCH_WHATS_MAX)
            return bad(options, "WHAT", what, "at most 64 names are taken");
        options->what[options->what_count++] = what;
        return 0;
    }
    rs_error_set(&options->error, RS_EXIT_USAGE,
                 "unknown item or group '%s': ringscope bench --list tells them", what);
    return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rs_bench_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_CSV:
        options->csv = true;
        return 0;
    case KEY_QUICK:
        options->quick = true;
        return 0;
    case KEY_STRICT:
        options->strict = true;
        return 0;
    case KEY_LIST:
        options->list = true;
        return 0;
    case 'o':
        options->output = argument;
        return 0;
    case KEY_HOST:
        return rs_host_parse(argument, &options->host, &options->error) == 0 ? 0 : EINVAL;
    case KEY_BOOTS:
        return parse_number(options, "--boots", argument, 16, &options->boots);
    case KEY_RUNS:
        return parse_number(options, "--runs", argument, 16, &options->runs);
    case KEY_SAMPLES:
        return parse_number(options, "--samples", argument, RS_BENCH_SAMPLES_MAX,
                            &options->samples);
    case KEY_PLANT:
        return parse_plant(options, argument);
    case ARGP_KEY_ARG:
        return add_what(options, argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int list(void)
{
    const struct rs_bench_item *item;

    printf("%-24s %-10s %-9s %s\n", "item", "group", "in", "what is timed");
    for (size_t i = 0; (item = rs_bench_item_at(i)); i++)
        printf("%-24s %-10s %-9s %s\n", item->name, item->group, rs_bench_variant_id(item->variant),
               item->title);
    return fflush(stdout) == 0 ? RS_EXIT_SUCCESS : RS_EXIT_OUTPUT;
}

static int write_result(const struct rs_bench_options *options,
                        const struct rs_bench_result *result)
{
    FILE *out = options->output ? fopen(options->output, "we") : stdout;
    int status;

    if (!out) {
        fprintf(stderr, "ringscope: output '%s': %s\n", options->output, strerror(errno));
        return RS_EXIT_OUTPUT;
    }
    status = options->json  ? rs_bench_write_json(result, out)
             : options->csv ? rs_bench_write_csv(result, out)
                            : rs_bench_print(result, out);
    if (options->output && fclose(out) != 0)
        status = -1;
    if (status == 0)
        return RS_EXIT_SUCCESS;
    fprintf(stderr, "ringscope: the result cannot be written\n");
    return RS_EXIT_OUTPUT;
}

static int judge(const struct rs_bench_result *result)
{
    if (rs_bench_result_valid(result))
        return RS_EXIT_SUCCESS;
    fprintf(stderr, "ringscope: the known answer was not recovered: the run is not valid\n");
    return RS_EXIT_INVALID;
}

static int measure(struct rs_bench_options *options, int kvm_fd)
{
    struct rs_bench_result *result = calloc(1, sizeof(*result));
    int exit_code;

    if (!result)
        return rs_error_set(&options->error, RS_EXIT_HOST, "out of memory"), fail(&options->error);
    if (rs_bench_run(options, kvm_fd, result, &options->error) != 0)
        exit_code = fail(&options->error);
    else
        exit_code = write_result(options, result);
    if (exit_code == RS_EXIT_SUCCESS)
        exit_code = judge(result);
    rs_bench_result_free(result);
    free(result);
    return exit_code;
}

int rs_command_bench(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[WHAT...]",
        .doc = "Times transitions of a guest, and of the host, by turns in one run.\v"
               "WHAT is an item or a group of items; without it everything is measured. "
               "docs/bench.md tells the method, the marks and the JSON.",
        .help_filter = rs_options_exit_codes_filter,
    };
    struct rs_bench_options options = {0};
    struct rs_emulation emulation = {.argc = argc, .argv = argv, .no_stdin = true};
    bool emulate;
    int kvm_fd, exit_code;

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return fail(&options.error);
    if (options.list)
        return list();
    kvm_fd = rs_host_open(options.host, &emulate, &options.error);
    if (emulate) {
        emulation.output_file = options.output;
        return rs_host_emulate(&emulation);
    }
    if (kvm_fd < 0)
        return fail(&options.error);
    exit_code = measure(&options, kvm_fd);
    close(kvm_fd);
    return exit_code;
}
