/* SPDX-License-Identifier: MIT
 * ringscope doctor: what this host can do, and where it departs from the SDM. */
#include "doctor/doctor.h"

#include "commands.h"
#include "host.h"
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_JSON = 0x100,
    KEY_HOST
};

struct doctor_options {
    enum rs_host_choice host;
    bool json, verbose;
    struct rs_error error;
};

static const struct argp_option options_table[] = {
    {"json", KEY_JSON, NULL, 0, "Print JSON instead of a table", 0},
    {"host", KEY_HOST, RS_HOST_CHOICES, 0,
     "What is examined: /dev/kvm, or kvm-amd in an emulated machine; auto takes /dev/kvm when it "
     "is usable",
     0},
    {"verbose", 'v', NULL, 0, "Also say what was seen where all is well", 0},
    {0},
};

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct doctor_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_HOST:
        return rs_host_parse(argument, &options->host, &options->error) == 0 ? 0 : EINVAL;
    case 'v':
        options->verbose = true;
        return 0;
    case ARGP_KEY_ARG:
        rs_error_set(&options->error, RS_EXIT_USAGE, "doctor takes no argument: '%s'", argument);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int report(const struct doctor_options *options, const struct rs_examination *examination)
{
    const struct rs_report_style style = {
        .verbose = options->verbose,
        .colour = isatty(STDOUT_FILENO),
    };
    int result = options->json ? rs_examination_print_json(examination, stdout)
                               : rs_examination_print(examination, style, stdout);

    if (result != 0) {
        fprintf(stderr, "ringscope: the report cannot be written\n");
        return RS_EXIT_OUTPUT;
    }
    return examination->totals[RS_STATUS_DEPARTS] ? RS_EXIT_DEPARTS : RS_EXIT_SUCCESS;
}

static int examine(struct doctor_options *options, int kvm_fd)
{
    struct rs_examination examination;
    int exit_code;

    if (rs_examine(kvm_fd, &examination, &options->error) != 0)
        return fail(&options->error);
    exit_code = report(options, &examination);
    rs_examination_free(&examination);
    return exit_code;
}

int rs_command_doctor(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .doc =
            "Runs guest code on this host and compares what it does with the SDM.\v"
            "Exit code: 0 nothing departs, 1 something does, 119 there is no VM to be had. Every "
            "line is measured when it is asked for; docs/doctor-json.md describes the JSON.",
    };
    struct doctor_options options = {0};
    struct rs_emulation emulation = {.argc = argc, .argv = argv, .no_stdin = true};
    bool emulate;
    int kvm_fd, exit_code;

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return fail(&options.error);
    kvm_fd = rs_host_open(options.host, &emulate, &options.error);
    emulation.kind = rs_host_kind(options.host);
    if (emulate)
        return rs_host_emulate(&emulation);
    if (kvm_fd < 0)
        return fail(&options.error);
    exit_code = examine(&options, kvm_fd);
    close(kvm_fd);
    return exit_code;
}
