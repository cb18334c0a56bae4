/* SPDX-License-Identifier: MIT
 * ringscope trace: runs a program and prints every privilege transition. */
#include "commands.h"
#include "launch.h"
#include "trace/filter.h"

#include <errno.h>

enum {
    KEY_RECORD = 0x200,
    KEY_RING_SIZE,
    KEY_MARKS,
    KEY_EXPLAIN
};

struct trace_options {
    struct rs_options common; /* the first member: the child parser's input */
    struct rs_filter filter;
    struct rs_launch launch;
    struct rs_text text;
    struct rs_counts counts;
};

static const struct argp_option options_table[] = {
    {"output", 'o', "FILE", 0, "Write the trace to FILE instead of stderr", 0},
    {"record", KEY_RECORD, "DIR", 0, "Also keep the trace in DIR, as `ringscope record` does", 0},
    {"ring-size", KEY_RING_SIZE, "SIZE", 0, RS_RECORDING_RING_HELP, 0},
    {"expr", 'e', "KIND=VALUES", 0,
     "What to hook and print: syscall=, exception=, interrupt= or msr=, then names or numbers "
     "separated by commas, all or none; ! in front means all others",
     0},
    {"filter", 'f', "EXPR", 0,
     "What to hook and print: the events for which EXPR is true; see below. Several are joined by "
     "and, also with -e",
     0},
    {"summary-only", 'c', NULL, 0, "Print counts and times per transition instead of lines", 0},
    {"summary", 'C', NULL, 0, "Print lines, and counts and times at the end", 0},
    {"relative-timestamps", 'r', NULL, 0, "Time since the line before", 0},
    {"absolute-timestamps", 't', NULL, 0, "Time of day; -tt with microseconds, -ttt since 1970", 0},
    {"lines", 'k', NULL, 0, "File and line behind addresses, and where system calls come from", 0},
    {"string-limit", 's', "BYTES", 0,
     "Most bytes to show of what an argument points to, 0 for addresses alone (32)", 0},
    {"marks", KEY_MARKS, NULL, 0,
     "Lines for what is no transition: start and stop, CR3, registers and table entries that steer "
     "transitions, console output, the first deviation of each kind",
     0},
    {"explain", KEY_EXPLAIN, NULL, 0,
     "Below each transition, what the SDM says that it does, step by step with the real values, "
     "and "
     "where the host departed",
     0},
    {"durations", 'T', NULL, 0, "On returns, the time since their entry", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct trace_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 'o':
        options->launch.output = argument;
        return 0;
    case KEY_RECORD:
        options->launch.recording.path = argument;
        return 0;
    case KEY_RING_SIZE:
        return rs_recording_parse_ring(&options->launch.recording, argument, options->common.error)
                   ? 0
                   : EINVAL;
    case 'e':
        return rs_options_restriction(&options->common, &options->filter, argument);
    case 'f':
        return rs_options_expression(&options->common, argument);
    case 'c':
    case 'C':
        options->launch.counts = &options->counts;
        options->launch.lines = key == 'C';
        return 0;
    case 'r':
        options->text.relative = true;
        return 0;
    case 't':
        if (options->text.time < RS_TIME_EPOCH)
            options->text.time++;
        return 0;
    case 'k':
        options->text.lines = true;
        return 0;
    case 'T':
        options->text.durations = true;
        return 0;
    case 's':
        return rs_options_string_size(&options->common, &options->launch.string_size, argument);
    case KEY_EXPLAIN:
        options->text.explain = true;
        return 0;
    case KEY_MARKS:
        options->text.marks = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int rs_command_trace(int argc, char **argv)
{
    static const struct argp_child children[] = {{&rs_options_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[PROGRAM [ARG...]]",
        .doc =
            "Runs PROGRAM (demo) like `ringscope run` with hooks armed, and prints one line for "
            "each privilege transition.\v"
            "What a filter leaves out is not hooked and costs nothing. Examples:\n"
            "  -e syscall=NtClose,0x8   two services only\n"
            "  -e exception=PF,UD       page faults and invalid opcodes\n"
            "  -e syscall=none          no system calls\n"
            "  -e msr='!LSTAR'          every MSR but LSTAR\n\n" RS_FILTER_HELP "\n\n"
            "A line that ends in ! names what this host did otherwise than the SDM says. SIGUSR2 "
            "disarms the hooks while the guest runs on; another one arms them again.",
        .children = children,
        .help_filter = rs_options_help_filter,
    };
    static struct trace_options options;
    struct rs_error error;

    rs_options_init(&options.common, &error);
    rs_filter_init(&options.filter);
    options.launch.filter = &options.filter;
    options.launch.text = &options.text;
    options.launch.lines = true;
    options.launch.string_size = RS_STRING_SIZE;
    return rs_launch_command(argc, argv, &argp, &options.common, &options.launch, &options);
}
