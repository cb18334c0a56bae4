/* SPDX-License-Identifier: MIT
 * ringscope record: runs a program and keeps every privilege transition in a CTF trace. */
#include "commands.h"
#include "launch.h"

#include <errno.h>

#define KEY_RING_SIZE 0x200

struct record_options {
    struct rs_options common; /* the first member: the child parser's input */
    struct rs_filter filter;
    struct rs_launch launch;
};

static const struct argp_option options_table[] = {
    {"record", 'o', "DIR", 0, "Directory of the trace (" RS_CTF_DEFAULT_DIRECTORY ")", 0},
    {"output", 'o', NULL, OPTION_ALIAS, NULL, 0},
    {"ring-size", KEY_RING_SIZE, "SIZE", 0, RS_RECORDING_RING_HELP, 0},
    {"string-limit", 's', "BYTES", 0,
     "Most bytes to keep of what an argument points to (0: addresses alone)", 0},
    {"expr", 'e', "KIND=VALUES", 0, "What to hook and keep: as for trace", 0},
    {"filter", 'f', "EXPR", 0, "What to hook and keep: as for trace", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct record_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 'o':
        options->launch.recording.path = argument;
        return 0;
    case KEY_RING_SIZE:
        return rs_recording_parse_ring(&options->launch.recording, argument, options->common.error)
                   ? 0
                   : EINVAL;
    case 's':
        return rs_options_string_size(&options->common, &options->launch.string_size, argument);
    case 'e':
        return rs_options_restriction(&options->common, &options->filter, argument);
    case 'f':
        return rs_options_expression(&options->common, argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int rs_command_record(int argc, char **argv)
{
    static const struct argp_child children[] = {{&rs_options_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[PROGRAM [ARG...]]",
        .doc =
            "Runs PROGRAM (demo) like `ringscope trace`, and keeps its transitions in a trace of "
            "the Common Trace Format instead of printing them.\v"
            "A trace that is there already becomes DIR.old. babeltrace2 DIR prints a trace, and "
            "`ringscope report DIR` sums it up.",
        .children = children,
        .help_filter = rs_options_help_filter,
    };
    static struct record_options options;
    struct rs_error error;

    rs_options_init(&options.common, &error);
    rs_filter_init(&options.filter);
    options.launch.filter = &options.filter;
    options.launch.recording.path = RS_CTF_DEFAULT_DIRECTORY;
    options.launch.recording.progress = true;
    return rs_launch_command(argc, argv, &argp, &options.common, &options.launch, &options);
}
