/* SPDX-License-Identifier: MIT
 * ringscope explain: what the SDM says that one transition of a recorded trace does. */
#include "commands.h"
#include "options.h"
#include "trace/ctf/reader.h"
#include "trace/text.h"
#include "trace_symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct explain_options {
    const char *path;
    bool has_event;
    uint64_t first, last; /* sequence numbers, both included */
    unsigned vcpu;
    struct rs_error error;
};

enum {
    KEY_EVENT = 0x100,
    KEY_VCPU
};

static const struct argp_option options_table[] = {
    {"event", KEY_EVENT, "N[-M]", 0,
     "Number of the event in its vCPU, from 0: `sequence` of ringscope export --to jsonl", 0},
    {"vcpu", KEY_VCPU, "N", 0, "Of this vCPU (0)", 0},
    {0},
};

static error_t bad(struct explain_options *options, const char *option, const char *value,
                   const char *allowed)
{
    rs_error_set(&options->error, RS_EXIT_USAGE, "%s '%s': %s", option, value, allowed);
    return EINVAL;
}

static bool get_number(const char **at, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(*at, &end, 10);
    if (errno || end == *at || **at < '0' || **at > '9')
        return false;
    *at = end;
    return true;
}

static error_t parse_event(struct explain_options *options, const char *value)
{
    const char *at = value;
    bool good = get_number(&at, &options->first);

    options->last = options->first;
    if (good && *at == '-') {
        at++;
        good = get_number(&at, &options->last);
    }
    if (!good || *at || options->last < options->first)
        return bad(options, "--event", value, "a number from 0, or FIRST-LAST");
    options->has_event = true;
    return 0;
}

static error_t parse_vcpu(struct explain_options *options, const char *value)
{
    const char *at = value;
    uint64_t number;

    if (!get_number(&at, &number) || *at || number >= RS_CTF_STREAMS_MAX)
        return bad(options, "--vcpu", value, "a number from 0 to 15");
    options->vcpu = (unsigned)number;
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct explain_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_EVENT:
        return parse_event(options, argument);
    case KEY_VCPU:
        return parse_vcpu(options, argument);
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            return bad(options, "explain takes one trace:", argument, "one too many");
        options->path = argument;
        return 0;
    case ARGP_KEY_END:
        if (options->has_event)
            return 0;
        rs_error_set(&options->error, RS_EXIT_USAGE,
                     "explain needs --event N: ringscope export --to text numbers the events");
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

static bool is_asked_for(const struct explain_options *options, const struct rs_event *event)
{
    return event->vcpu == options->vcpu && event->sequence >= options->first &&
           event->sequence <= options->last;
}

/* What the events before tell is needed, too: the trace is read from its start. */
static int explain(struct explain_options *options, struct rs_ctf_reader *reader,
                   struct rs_text *text)
{
    struct rs_event event;
    uint64_t found = 0;
    int result;

    while ((result = rs_ctf_reader_next(reader, &event, &options->error)) > 0) {
        if (event.vcpu != options->vcpu)
            continue;
        if (event.sequence > options->last)
            break;
        if (!is_asked_for(options, &event)) {
            rs_text_pass(text, &event);
            continue;
        }
        fprintf(text->file, "#%" PRIu64 " ", event.sequence);
        rs_text_event(text, &event);
        found++;
    }
    if (result < 0)
        return fail(&options->error);
    if (found == 0)
        return rs_error_set(&options->error, RS_EXIT_NOT_FOUND,
                            "trace '%s' has no event %" PRIu64 " of vCPU %u", options->path,
                            options->first, options->vcpu),
               fail(&options->error);
    return RS_EXIT_SUCCESS;
}

static int run(struct explain_options *options)
{
    struct rs_text text = {
        .file = stdout, .marks = true, .explain = true, .verbose = true, .durations = true};
    struct rs_ctf_reader reader;
    struct rs_symbols *symbols;
    int exit_code;

    if (rs_ctf_reader_open(&reader, options->path, &options->error) != 0)
        return fail(&options->error);
    text.symbols = symbols = rs_trace_symbols(&reader);
    text.cpu_count = reader.stream_count;
    text.told = calloc(reader.stream_count, sizeof(*text.told));
    text.clock = reader.clock;
    text.emulated = reader.emulated;
    text.empty_span = reader.empty_span;
    exit_code = explain(options, &reader, &text);
    free(text.told);
    rs_symbols_free(symbols);
    rs_ctf_reader_close(&reader);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    fprintf(stderr, "ringscope: output 'stdout': %s\n", strerror(errno));
    return RS_EXIT_OUTPUT;
}

int rs_command_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[DIR]",
        .doc =
            "Explains one transition of the trace in DIR (ringscope.ctf): the steps that the SDM "
            "says, with the values of this event, and where the host did otherwise.\v"
            "Examples:\n"
            "  ringscope explain --event 17         the event that export numbers 17\n"
            "  ringscope explain old.ctf --event 17-19\n"
            "While a guest runs, `ringscope trace --explain` does the same.",
    };
    struct explain_options options = {.path = RS_CTF_DEFAULT_DIRECTORY};

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return fail(&options.error);
    return run(&options);
}
