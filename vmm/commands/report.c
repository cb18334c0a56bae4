/* SPDX-License-Identifier: MIT
 * ringscope report: sums up a recorded trace, or compares two. */
#include "report.h"

#include "commands.h"
#include "options.h"
#include "trace_symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRACES_MAX 2

struct arguments {
    const char *paths[TRACES_MAX];
    unsigned path_count;
    bool json, csv;
    struct rs_trace_filters filters;
    struct rs_report_options report;
    struct rs_error error;
};

enum {
    KEY_JSON = 0x100,
    KEY_CSV,
    KEY_SORT,
    KEY_COLUMNS,
    KEY_HISTOGRAM,
    KEY_SLOWEST,
    KEY_FILTER = 'f'
};

static const struct argp_option options_table[] = {
    {"sort", KEY_SORT, "COLUMN", 0, "Largest first by this column (total; of two traces total_a)",
     0},
    {"columns", KEY_COLUMNS, "A,B,...", 0, "These columns in this order; the list is below", 0},
    {"histogram", KEY_HISTOGRAM, NULL, 0, "Also how the times of each transition are spread", 0},
    {"slowest", KEY_SLOWEST, "N", OPTION_ARG_OPTIONAL,
     "Also the N (10) longest spans, with what was in them and around them", 0},
    {"filter", KEY_FILTER, "EXPR", 0, "Only events for which EXPR is true, as for trace", 0},
    {"csv", KEY_CSV, NULL, 0, "Print the rows as CSV, all columns, times in nanoseconds", 0},
    {"json", KEY_JSON, NULL, 0, "Print JSON; docs/report.schema.json is its schema", 0},
    {0},
};

static error_t parse_slowest(struct arguments *arguments, const char *value)
{
    unsigned long number = RS_REPORT_SLOWEST_DEFAULT;
    char *end;

    if (value) {
        errno = 0;
        number = strtoul(value, &end, 10);
        if (errno || end == value || *end || value[0] == '-' || number < 1 ||
            number > RS_SLOWEST_MAX) {
            rs_error_set(&arguments->error, RS_EXIT_USAGE, "--slowest '%s': 1 to %d", value,
                         RS_SLOWEST_MAX);
            return EINVAL;
        }
    }
    arguments->report.slowest = number;
    return 0;
}

static error_t parse_path(struct arguments *arguments, const char *path)
{
    if (arguments->path_count == TRACES_MAX) {
        rs_error_set(&arguments->error, RS_EXIT_USAGE, "report takes one trace or two: '%s'", path);
        return EINVAL;
    }
    arguments->paths[arguments->path_count++] = path;
    return 0;
}

/* What cannot be had together. */
static error_t check(struct arguments *arguments)
{
    const struct rs_report_options *report = &arguments->report;
    const char *wrong = NULL;

    if (arguments->json && arguments->csv)
        wrong = "--csv and --json: one of them";
    else if (arguments->csv && (report->histogram || report->slowest))
        wrong = "--csv prints rows alone: --histogram and --slowest need --json or text";
    else if (arguments->path_count == TRACES_MAX && (report->histogram || report->slowest))
        wrong = "--histogram and --slowest take one trace";
    if (!wrong)
        return 0;
    rs_error_set(&arguments->error, RS_EXIT_USAGE, "%s", wrong);
    return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_JSON:
        arguments->json = true;
        arguments->report.format = RS_REPORT_JSON;
        return 0;
    case KEY_CSV:
        arguments->csv = true;
        arguments->report.format = RS_REPORT_CSV;
        return 0;
    case KEY_SORT:
        arguments->report.sort = argument;
        return 0;
    case KEY_FILTER:
        return rs_trace_filters_add(&arguments->filters, argument, &arguments->error);
    case KEY_COLUMNS:
        arguments->report.columns = argument;
        return 0;
    case KEY_HISTOGRAM:
        arguments->report.histogram = true;
        return 0;
    case KEY_SLOWEST:
        return parse_slowest(arguments, argument);
    case ARGP_KEY_ARG:
        return parse_path(arguments, argument);
    case ARGP_KEY_END:
        return check(arguments);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

/* Also what could be read of a trace that has faults is told: they come behind it. */
static int finish(struct arguments *arguments, int result, const struct rs_digest *digests)
{
    int exit_code = RS_EXIT_SUCCESS;

    if (result < 0)
        return fail(&arguments->error);
    if (fflush(stdout) != 0 || ferror(stdout) || result > 0) {
        rs_error_errno(&arguments->error, RS_EXIT_OUTPUT, errno, "output 'stdout'");
        return fail(&arguments->error);
    }
    for (unsigned i = 0; i < arguments->path_count; i++)
        if (rs_ctf_faults_error(&digests[i].faults, digests[i].path, &arguments->error) != 0)
            exit_code = fail(&arguments->error);
    return exit_code;
}

/* Names in expressions are those of the images of this trace. */
static int compile(const struct arguments *arguments, const char *path, struct rs_filter *filter,
                   struct rs_error *error)
{
    struct rs_ctf_reader reader;
    struct rs_symbols *symbols;
    int result;

    if (arguments->filters.count == 0)
        return rs_trace_filters_compile(&arguments->filters, NULL, filter, error);
    if (rs_ctf_reader_open(&reader, path, error) != 0)
        return -1;
    symbols = rs_trace_symbols(&reader);
    result = rs_trace_filters_compile(&arguments->filters, symbols, filter, error);
    rs_symbols_free(symbols);
    rs_ctf_reader_close(&reader);
    return result;
}

static int digest(const struct arguments *arguments, const char *path, struct rs_digest *digest,
                  struct rs_error *error)
{
    struct rs_filter filter;

    if (compile(arguments, path, &filter, error) != 0)
        return -1;
    return rs_digest_read(digest, path, arguments->report.slowest, &filter, rs_report_progress,
                          error);
}

static int report(struct arguments *arguments)
{
    const struct rs_columns *columns =
        arguments->path_count == TRACES_MAX ? &rs_compare_columns : &rs_report_columns;
    struct rs_digest digests[TRACES_MAX];
    unsigned read = 0;
    int result = 0;

    if (rs_table_check(columns, arguments->report.columns, arguments->report.sort,
                       &arguments->error) != 0)
        return fail(&arguments->error);
    for (; read < arguments->path_count; read++)
        if (digest(arguments, arguments->paths[read], &digests[read], &arguments->error) != 0)
            break;
    rs_report_progress_end();
    if (read < arguments->path_count)
        result = -1;
    else if (read == TRACES_MAX)
        result = rs_compare_print(&arguments->report, &digests[0], &digests[1], stdout,
                                  &arguments->error);
    else
        result = rs_report_print(&arguments->report, &digests[0], stdout, &arguments->error);
    result = finish(arguments, result, digests);
    while (read-- > 0)
        rs_digest_free(&digests[read]);
    return result;
}

static void put_columns(FILE *file, const char *title, const struct rs_columns *columns)
{
    fprintf(file, "%s\n ", title);
    for (size_t i = 0; i < columns->count; i++)
        fprintf(file, " %s", columns->list[i].name);
    fputc('\n', file);
}

/* The columns are a table's: --help lists what there is. */
static char *help_filter(int key, const char *text, void *input)
{
    char *result = NULL;
    size_t size;
    FILE *file;

    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    file = open_memstream(&result, &size);
    if (!file)
        return NULL;
    fprintf(file, "%s\n", text);
    put_columns(file, "Columns of one trace:", &rs_report_columns);
    put_columns(file, "Columns of two traces:", &rs_compare_columns);
    fclose(file);
    return result;
}

int rs_command_report(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[DIR [OTHER]]",
        .doc = "Sums up the trace in DIR (ringscope.ctf) that `ringscope record` wrote: for each "
               "transition its calls, errors, and the times from entry to return. With two "
               "directories it compares their medians.\v"
               "Examples:\n"
               "  ringscope report                          the trace in ringscope.ctf\n"
               "  ringscope report --sort p99 --histogram   worst tail first, with bars\n"
               "  ringscope report --slowest=3              three spans, and what was around them\n"
               "  ringscope report --columns calls_a,calls_b,ratio,name old new\n"
               "                                            two traces, these columns\n"
               "  ringscope report -f 'syscall and deviation'\n"
               "                                            of some events alone\n"
               "  ringscope report --csv >trace.csv         for a spreadsheet\n",
        .help_filter = help_filter,
    };
    struct arguments arguments = {0};

    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments) != 0)
        return fail(&arguments.error);
    if (arguments.path_count == 0)
        arguments.paths[arguments.path_count++] = RS_CTF_DEFAULT_DIRECTORY;
    return report(&arguments);
}
