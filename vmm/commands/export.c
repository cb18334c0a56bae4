/* SPDX-License-Identifier: MIT
 * ringscope export: a recorded trace in the formats of other tools. */
#include "trace/export/export.h"

#include "commands.h"
#include "options.h"
#include "trace/ctf/reader.h"
#include "trace_symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)
#define PROGRESS_START_NS (2 * NS_PER_S)
#define PROGRESS_INTERVAL_NS (NS_PER_S / 2)
#define PROGRESS_EVENTS 4096 /* between two looks at the clock */
#define OUTPUT_BUFFER (1 << 16)

struct export_options {
    const char *path, *output;
    const struct rs_export_format *format;
    struct rs_trace_filters filters;
    struct rs_error error;
};

static const struct argp_option options_table[] = {
    {"to", 't', "FORMAT", 0, "What to write: one of the formats below", 0},
    {"output", 'o', "FILE", 0, "Write to FILE instead of stdout", 0},
    {"filter", 'f', "EXPR", 0, "Only transitions for which EXPR is true, as for trace", 0},
    {0},
};

static error_t parse_format(struct export_options *options, const char *value)
{
    options->format = rs_export_find(value);
    if (options->format)
        return 0;
#define X(name, title) " " #name
    rs_error_set(&options->error, RS_EXIT_USAGE, "--to '%s': one of" RS_EXPORT_FORMATS(X), value);
#undef X
    return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct export_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case 't':
        return parse_format(options, argument);
    case 'f':
        return rs_trace_filters_add(&options->filters, argument, &options->error);
    case 'o':
        options->output = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            rs_error_set(&options->error, RS_EXIT_USAGE, "export takes one trace: '%s'", argument);
            return EINVAL;
        }
        options->path = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->format)
            return 0;
#define X(name, title) " " #name
        rs_error_set(&options->error, RS_EXIT_USAGE,
                     "export needs --to FORMAT, one of" RS_EXPORT_FORMATS(X));
#undef X
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* The output is ended in order; a second signal ends ringscope. */
static void on_signals(void)
{
    struct sigaction action = {.sa_handler = on_interrupt,
                               .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN; /* a limit of the file size shows as EFBIG */
    sigaction(SIGXFSZ, &action, NULL);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

struct progress {
    bool wanted;
    uint64_t started_ns, shown_ns;
};

static void show(struct progress *progress, uint64_t events)
{
    uint64_t now;

    if (!progress->wanted || events % PROGRESS_EVENTS != 0)
        return;
    now = now_ns();
    if (now - progress->started_ns < PROGRESS_START_NS ||
        now - progress->shown_ns < PROGRESS_INTERVAL_NS)
        return;
    fprintf(stderr, "\r\033[Kringscope: %" PRIu64 " events exported", events);
    progress->shown_ns = now;
}

/* A reader that has gone needs no words. */
static int output_failed(const struct export_options *options, int errnum)
{
    if (errnum != EPIPE)
        fprintf(stderr, "ringscope: output '%s': %s\n",
                options->output ? options->output : "stdout", strerror(errnum));
    return RS_EXIT_OUTPUT;
}

/* What --filter leaves. Without one that is everything, marks too. */
struct selection {
    bool all;
    struct rs_filter filter;
    struct rs_filter_memory memory[RS_CTF_STREAMS_MAX];
};

static bool is_selected(struct selection *selection, const struct rs_event *event)
{
    return selection->all ||
           (rs_event_group(event->kind) != RS_GROUP_MARK &&
            rs_filter_event(&selection->filter, &selection->memory[rs_filter_vcpu(event)], event));
}

static struct selection *make_selection(const struct export_options *options,
                                        const struct rs_ctf_reader *reader,
                                        struct rs_symbols *symbols, struct rs_error *error)
{
    struct selection *selection = calloc(1, sizeof(*selection));

    if (!selection) {
        rs_error_set(error, RS_EXIT_HOST, "out of memory");
        return NULL;
    }
    selection->all = options->filters.count == 0;
    if (rs_trace_filters_compile(&options->filters, symbols, &selection->filter, error) != 0) {
        free(selection);
        return NULL;
    }
    rs_filter_set_clock(&selection->filter, reader->clock.tsc_hz, reader->empty_span);
    return selection;
}

/* 0, or the errno of the first write that failed. What could be read is written, and ended in
 * order, whatever is wrong behind it. */
static int copy(struct rs_ctf_reader *reader, struct selection *selection, struct rs_export *export,
                FILE *file, int *result, struct rs_error *error)
{
    struct progress progress = {
        .wanted = isatty(STDERR_FILENO) && !isatty(fileno(file)),
        .started_ns = now_ns(),
    };
    struct rs_event event;

    while (!interrupted && !ferror(file) &&
           (*result = rs_ctf_reader_next(reader, &event, error)) > 0) {
        errno = 0;
        if (is_selected(selection, &event))
            rs_export_event(export, &event, reader->discarded);
        else
            rs_export_pass(export, &event);
        show(&progress, reader->events);
    }
    if (progress.shown_ns)
        fprintf(stderr, "\r\033[K");
    if (ferror(file)) {
        int errnum = errno;

        rs_export_end(export);
        return errnum ? errnum : EIO;
    }
    rs_export_end(export);
    errno = 0;
    if (fflush(file) == 0 && !ferror(file))
        return 0;
    return errno ? errno : EIO;
}

static int export_selection(const struct export_options *options, struct rs_ctf_reader *reader,
                            struct selection *selection, struct rs_symbols *symbols, FILE *file)
{
    struct rs_export_trace trace = {.clock = reader->clock,
                                    .cpu_count = reader->stream_count,
                                    .emulated = reader->emulated,
                                    .empty_span = reader->empty_span,
                                    .environment = reader->environment,
                                    .symbols = symbols};
    struct rs_export *export = rs_export_begin(options->format, &trace, file);
    struct rs_error error;
    int result = 0, errnum;

    if (!export) {
        rs_error_set(&error, RS_EXIT_HOST, "out of memory");
        return fail(&error);
    }
    errnum = copy(reader, selection, export, file, &result, &error);
    if (errnum)
        return output_failed(options, errnum);
    if (interrupted) {
        fprintf(stderr, "ringscope: interrupted after %" PRIu64 " events\n", reader->events);
        return RS_EXIT_INTERRUPTED;
    }
    return result < 0 ? fail(&error) : RS_EXIT_SUCCESS;
}

static int export_to(struct export_options *options, struct rs_ctf_reader *reader, FILE *file)
{
    struct rs_symbols *symbols = rs_trace_symbols(reader);
    struct selection *selection = make_selection(options, reader, symbols, &options->error);
    int exit_code;

    exit_code = selection ? export_selection(options, reader, selection, symbols, file)
                          : fail(&options->error);
    free(selection);
    rs_symbols_free(symbols);
    return exit_code;
}

static int export_trace(struct export_options *options)
{
    struct rs_ctf_reader reader;
    FILE *file = stdout;
    int exit_code;

    if (rs_ctf_reader_open(&reader, options->path, &options->error) != 0)
        return fail(&options->error);
    if (options->output)
        file = fopen(options->output, "we");
    if (file) {
        setvbuf(file, NULL, _IOFBF, OUTPUT_BUFFER);
        on_signals();
        exit_code = export_to(options, &reader, file);
    } else {
        exit_code = output_failed(options, errno);
    }
    if (file && file != stdout && fclose(file) != 0 && exit_code == RS_EXIT_SUCCESS)
        exit_code = output_failed(options, errno);
    rs_ctf_reader_close(&reader);
    return exit_code;
}

#define FORMAT_LINE(name, title) "  " #name ": " title "\n"

int rs_command_export(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[DIR]",
        .doc = "Writes the trace in DIR (ringscope.ctf) that `ringscope record` made in a format "
               "of other tools.\v"
               "Formats:\n" RS_EXPORT_FORMATS(
                   FORMAT_LINE) "\n"
                                "Examples:\n"
                                "  ringscope export --to perfetto -o trace.json   then open it in "
                                "ui.perfetto.dev\n"
                                "  ringscope export --to jsonl | jq -c 'select(.name == "
                                "\"NtWriteFile\")'\n"
                                "  ringscope export --to ftrace | grep sys_exit\n\n"
                                "A trace that is cut or damaged is written up to there, and the "
                                "exit code tells.",
        .help_filter = rs_options_exit_codes_filter,
    };
    struct export_options options = {.path = RS_CTF_DEFAULT_DIRECTORY};

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return fail(&options.error);
    return export_trace(&options);
}
