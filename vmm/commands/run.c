/* SPDX-License-Identifier: MIT
 * ringscope run: boots the guest kernel and runs a program. */
#include "commands.h"
#include "launch.h"

static error_t parse(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

int rs_command_run(int argc, char **argv)
{
    static const struct argp_child children[] = {{&rs_options_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "[PROGRAM [ARG...]]",
        .doc = "Boots the guest kernel, runs PROGRAM (demo) in ring 3, and exits with its status.\v"
               "PROGRAM is a bundled name or the path of a static ELF64 file linked with ntdll. "
               "Everything after it goes to the program. The guest's console is stdin and stdout.",
        .children = children,
        .help_filter = rs_options_help_filter,
    };
    struct rs_launch launch = {0};
    struct rs_options options;
    struct rs_error error;

    rs_options_init(&options, &error);
    return rs_launch_command(argc, argv, &argp, &options, &launch, &options);
}
