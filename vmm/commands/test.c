/* SPDX-License-Identifier: MIT
 * ringscope test: runs a suite of guest tests. */
#include "commands.h"
#include "kut.h"
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_KUT = 0x100,
    KEY_HOST,
    KEY_REPAIR,
    KEY_TIMEOUT,
    KEY_TRACE,
    KEY_LOG
};
#define JOBS_MAX 256

struct test_options {
    struct rs_kut_options kut;
    struct rs_error error;
};

static const struct argp_option options_table[] = {
    {"kut", KEY_KUT, "DIR", 0, "The tests of kvm-unit-tests, built in DIR, by its unittests.cfg",
     0},
    {"group", 'g', "GROUP", 0, "Only the tests of this group", 0},
    {"jobs", 'j', "N", 0, "Run so many tests at a time (1)", 0},
    {"quiet", 'q', NULL, 0, "One line for each test, without the lines that it printed", 0},
    {"log", KEY_LOG, "DIR", 0, "Keep what each test printed in DIR/NAME.log", 0},
    {"trace", KEY_TRACE, "EXPR", OPTION_ARG_OPTIONAL,
     "Run each test under `ringscope trace -f EXPR` (everything), into DIR/NAME.trace of --log", 0},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "End each test after so long (what its list says)", 0},
    {"host", KEY_HOST, "auto|kvm|tcg", 0, "What runs the guests: as for run", 0},
    {"repair", KEY_REPAIR, "on|off", 0, "Put transitions right that this host gets wrong (on)", 0},
    {0},
};

static error_t bad(struct test_options *options, const char *option, const char *value,
                   const char *allowed)
{
    rs_error_set(&options->error, RS_EXIT_USAGE, "%s '%s': %s", option, value, allowed);
    return EINVAL;
}

static error_t parse_jobs(struct test_options *options, const char *value)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    if (end == value || *end || value[0] == '-' || number < 1 || number > JOBS_MAX)
        return bad(options, "-j", value, "a number from 1 to 256");
    options->kut.jobs = (unsigned)number;
    return 0;
}

static error_t parse_timeout(struct test_options *options, const char *value)
{
    char *end;

    options->kut.timeout = strtod(value, &end);
    if (end == value || *end || !isfinite(options->kut.timeout) || options->kut.timeout <= 0)
        return bad(options, "--timeout", value, "a number of seconds above 0");
    return 0;
}

static error_t parse_choice(struct test_options *options, int key, const char *value)
{
    enum rs_host_choice choice;

    if (key == KEY_HOST) {
        options->kut.host = value;
        return rs_host_parse(value, &choice, &options->error) == 0 ? 0 : EINVAL;
    }
    options->kut.repair = value;
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
        return bad(options, "--repair", value, "one of off on");
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct test_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_KUT:
        options->kut.directory = argument;
        return 0;
    case 'g':
        options->kut.group = argument;
        return 0;
    case 'j':
        return parse_jobs(options, argument);
    case 'q':
        options->kut.quiet = true;
        return 0;
    case KEY_LOG:
        options->kut.logs = argument;
        return 0;
    case KEY_TRACE:
        options->kut.trace = argument ? argument : "";
        return 0;
    case KEY_TIMEOUT:
        return parse_timeout(options, argument);
    case KEY_HOST:
    case KEY_REPAIR:
        return parse_choice(options, key, argument);
    case ARGP_KEY_ARGS:
        options->kut.names = state->argv + state->next;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int rs_command_test(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "--kut DIR [NAME...]",
        .doc = "Runs the tests of kvm-unit-tests unmodified, those whose NAME (a glob) is given or "
               "all, and prints the result of each with the lines that it printed.\v"
               "A test that needs what is not here is skipped with the reason. "
               "docs/kvm-unit-tests.md tells the results of each host.",
        .help_filter = rs_options_exit_codes_filter,
    };
    struct test_options options = {.kut.jobs = 1};

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) == 0 && options.kut.directory)
        return rs_kut_run(&options.kut);
    if (!options.error.message[0])
        rs_error_set(&options.error, RS_EXIT_USAGE, "test: --kut DIR says which tests");
    fprintf(stderr, "ringscope: %s\n", options.error.message);
    return options.error.exit_code;
}
