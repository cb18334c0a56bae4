/* SPDX-License-Identifier: MIT
 * ringscope report: sums up a recorded trace. */
#include "report.h"

#include "commands.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct report_options {
    const char *path;
    bool json;
    enum rs_summary_order order;
    struct rs_error error;
};

enum {
    KEY_JSON = 0x100,
    KEY_SORT
};

static const struct argp_option options_table[] = {
    {"json", KEY_JSON, NULL, 0, "Print JSON; docs/trace-format.md tells the members", 0},
    {"sort", KEY_SORT, "COLUMN", 0,
     "Largest first by total, calls, errors, deviations, min, p50, p99 or max (total)", 0},
    {0},
};

static error_t parse_sort(struct report_options *options, const char *value)
{
    static const char *const names[] = {
#define X(name, of_row) #name,
        RS_SUMMARY_ORDERS(X)
#undef X
    };

    for (unsigned order = 0; order < RS_SUMMARY_ORDER_COUNT; order++) {
        if (strcmp(value, names[order]) == 0) {
            options->order = (enum rs_summary_order)order;
            return 0;
        }
    }
    rs_error_set(&options->error, RS_EXIT_USAGE,
                 "--sort '%s': one of total calls errors deviations min p50 p99 max", value);
    return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct report_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_SORT:
        return parse_sort(options, argument);
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            rs_error_set(&options->error, RS_EXIT_USAGE, "report takes one trace: '%s'", argument);
            return EINVAL;
        }
        options->path = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static int print(const struct report_options *options, const struct rs_ctf_reader *reader,
                 struct rs_summary *summary)
{
    int result = 0;

    rs_summary_sort(summary, options->order);
    if (options->json)
        result = rs_report_json(reader, summary, stdout);
    else
        rs_report_text(reader, summary, stdout);
    if (fflush(stdout) == 0 && result == 0)
        return RS_EXIT_SUCCESS;
    fprintf(stderr, "ringscope: output 'stdout': %s\n", strerror(errno));
    return RS_EXIT_OUTPUT;
}

/* What could be read is told, whatever is wrong behind it. */
static int report(struct report_options *options, struct rs_summary *summary)
{
    struct rs_ctf_reader reader;
    struct rs_event event;
    int result, exit_code;

    if (rs_ctf_reader_open(&reader, options->path, &options->error) != 0)
        return fail(&options->error);
    summary->empty_span = reader.empty_span;
    while ((result = rs_ctf_reader_next(&reader, &event, &options->error)) > 0)
        rs_summary_add(summary, &event);
    exit_code = print(options, &reader, summary);
    rs_ctf_reader_close(&reader);
    return result < 0 ? fail(&options->error) : exit_code;
}

int rs_command_report(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[DIR]",
        .doc = "Sums up the trace in DIR (ringscope.ctf) that `ringscope record` wrote: for each "
               "transition its calls, errors, and the times from entry to return.",
    };
    struct report_options options = {.path = RS_CTF_DEFAULT_DIRECTORY};
    struct rs_summary *summary;
    int exit_code;

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return fail(&options.error);
    summary = calloc(1, sizeof(*summary));
    if (!summary)
        return rs_error_set(&options.error, RS_EXIT_HOST, "out of memory"), fail(&options.error);
    exit_code = report(&options, summary);
    free(summary);
    return exit_code;
}
