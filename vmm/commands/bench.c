/* SPDX-License-Identifier: MIT
 * ringscope bench: what transitions cost, in the guest and on the host, with how it was found. */
#include "bench.h"

#include "bench/plot.h"
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
    KEY_PLOT,
    KEY_FROM,
    KEY_BASELINE,
    KEY_GATE,
    KEY_COMPARE,
    KEY_PLANT
};

static const struct argp_option options_table[] = {
    {"list", KEY_LIST, NULL, 0, "List what can be measured, and end", 1},
    {"quick", KEY_QUICK, NULL, 0, "Few samples: to see whether it works, not for figures", 1},
    {"boots", KEY_BOOTS, "N", 0, "Boot each guest so often (3)", 1},
    {"runs", KEY_RUNS, "N", 0, "Runs in each boot (5)", 1},
    {"samples", KEY_SAMPLES, "N", 0, "Samples of each item in a run (60)", 1},
    {"strict", KEY_STRICT, NULL, 0, "Refuse to measure where something disturbs it", 1},
    {"host", KEY_HOST, RS_HOST_CHOICES, 0,
     "What is measured: /dev/kvm, or kvm-amd in an emulated machine; auto takes /dev/kvm when it "
     "is usable",
     1},
    {"json", KEY_JSON, NULL, 0, "Print JSON instead of a table", 2},
    {"csv", KEY_CSV, NULL, 0, "Print CSV instead of a table", 2},
    {"output", 'o', "FILE", 0, "Write that to FILE", 2},
    {"plot", KEY_PLOT, "FILE", 0, "Draw distributions and phases, by gnuplot: FILE.svg or FILE.png",
     2},
    {"from", KEY_FROM, "FILE", 0, "Measure nothing: show what --json wrote before", 2},
    {"compare", KEY_COMPARE, NULL, 0, "Compare two files of --json: A B", 3},
    {"gate", KEY_GATE, "GATE", 0,
     "End with 114 when it does not hold: 'syscall.p50<1.05*baseline and nmi.p99<500 ns'", 3},
    {"baseline", KEY_BASELINE, "FILE", 0, "The result of --json that a gate's `baseline` means", 3},
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

static error_t parse_plot(struct rs_bench_options *options, const char *value)
{
    if (!rs_bench_plot_name(value))
        return bad(options, "--plot", value, "a name that ends in .svg or .png");
    options->plot = value;
    return 0;
}

static error_t parse_gate(struct rs_bench_options *options, const char *value)
{
    struct rs_bench_gate_error wrong;

    if (options->gated)
        return bad(options, "--gate", value, "one is enough: join conditions by `and`");
    options->gated = true;
    if (rs_bench_gate_parse(&options->gate, value, &wrong) == 0)
        return 0;
    rs_error_set(&options->error, RS_EXIT_USAGE, "--gate '%s': %s\n%*s^", value, wrong.message,
                 (int)(sizeof("ringscope: --gate '") - 1 + wrong.column), "");
    return EINVAL;
}

static error_t add_what(struct rs_bench_options *options, const char *what)
{
    if (options->what_count == RS_BENCH_WHATS_MAX)
        return bad(options, "WHAT", what, "at most 64 names are taken");
    options->what[options->what_count++] = what;
    return 0;
}

static bool is_known(const char *what)
{
    const struct rs_bench_item *item;

    for (size_t i = 0; (item = rs_bench_item_at(i)); i++)
        if (rs_bench_item_is(item, what))
            return true;
    return false;
}

/* What only all options together tell. */
static error_t check(struct rs_bench_options *options)
{
    struct rs_error *error = &options->error;

    if (options->compare) {
        if (options->what_count == 2 && !options->from && !options->gated && !options->plot)
            return 0;
        rs_error_set(error, RS_EXIT_USAGE,
                     "--compare takes two files of --json, and no --from, --gate or --plot");
        return EINVAL;
    }
    if (options->from && options->what_count) {
        rs_error_set(error, RS_EXIT_USAGE, "--from measures nothing: '%s' is one too many",
                     options->what[0]);
        return EINVAL;
    }
    if (options->gated && options->gate.uses_baseline && !options->baseline) {
        rs_error_set(error, RS_EXIT_USAGE, "--gate '%s': there is no --baseline FILE",
                     options->gate.text);
        return EINVAL;
    }
    for (unsigned i = 0; i < options->what_count; i++) {
        if (is_known(options->what[i]))
            continue;
        rs_error_set(error, RS_EXIT_USAGE,
                     "unknown item or group '%s': ringscope bench --list tells them",
                     options->what[i]);
        return EINVAL;
    }
    return 0;
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
    case KEY_PLOT:
        return parse_plot(options, argument);
    case KEY_FROM:
        options->from = argument;
        return 0;
    case KEY_BASELINE:
        options->baseline = argument;
        return 0;
    case KEY_GATE:
        return parse_gate(options, argument);
    case KEY_COMPARE:
        options->compare = true;
        return 0;
    case KEY_PLANT:
        return parse_plant(options, argument);
    case ARGP_KEY_ARG:
        return add_what(options, argument);
    case ARGP_KEY_END:
        return check(options);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int list(void)
{
    const struct rs_bench_item *item;

    printf("%-24s %-10s %-18s %s\n", "item", "group", "in", "what is timed");
    for (size_t i = 0; (item = rs_bench_item_at(i)); i++)
        printf("%-24s %-10s %-18s %s\n", item->name, item->group,
               rs_bench_variant_id(item->variant), item->title);
    return fflush(stdout) == 0 ? RS_EXIT_SUCCESS : RS_EXIT_OUTPUT;
}

/* Returns 0, or the exit code. */
static int measure(struct rs_bench_options *options, struct rs_bench_result *result)
{
    bool emulate;
    int kvm_fd = rs_host_open(options->host, &emulate, &options->error);
    int status;

    if (emulate)
        return rs_bench_emulate(options, result);
    if (kvm_fd < 0)
        return fail(&options->error);
    status = rs_bench_run(options, kvm_fd, result, &options->error);
    close(kvm_fd);
    return status == 0 ? 0 : fail(&options->error);
}

/* Files are read before anything is measured: what is wrong with them is known at once. */
static int measure_and_show(struct rs_bench_options *options, struct rs_bench_result *result,
                            struct rs_bench_result *baseline)
{
    int exit_code = 0;

    if ((options->baseline && rs_bench_load(options->baseline, baseline, &options->error) != 0) ||
        (options->from && rs_bench_load(options->from, result, &options->error) != 0))
        return fail(&options->error);
    if (!options->from)
        exit_code = measure(options, result);
    return exit_code == 0 ? rs_bench_show(options, result, options->baseline ? baseline : NULL)
                          : exit_code;
}

static int bench(struct rs_bench_options *options)
{
    struct rs_bench_result *results = calloc(2, sizeof(*results));
    int exit_code;

    if (!results)
        return rs_error_set(&options->error, RS_EXIT_HOST, "out of memory"), fail(&options->error);
    exit_code = measure_and_show(options, &results[0], &results[1]);
    rs_bench_result_free(&results[0]);
    rs_bench_result_free(&results[1]);
    free(results);
    return exit_code;
}

int rs_command_bench(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[WHAT...]\n--compare A B",
        .doc = "Times transitions of a guest, and of the host, by turns in one run.\v"
               "WHAT is an item or a group of items; without it everything is measured. "
               "docs/bench.md tells the method, the marks and the JSON.",
        .help_filter = rs_options_exit_codes_filter,
    };
    struct rs_bench_options options = {0};

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return fail(&options.error);
    if (options.list)
        return list();
    return options.compare ? rs_bench_show_comparison(&options) : bench(&options);
}
