/* SPDX-License-Identifier: MIT
 * ringscope fuzz: random transitions on this host against the model. */
#include "fuzz/fuzz.h"

#include "commands.h"
#include "host.h"
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_COUNT 20000

enum {
    KEY_HOST = 0x100,
    KEY_SEED,
    KEY_COUNT,
    KEY_SECONDS,
    KEY_CASE
};

struct fuzz_command {
    enum rs_host_choice host;
    struct rs_fuzz_options fuzz;
    bool limited; /* by --count or --seconds */
    struct rs_error error;
    char host_option[32]; /* as a replay is told; empty: none */
};

static const struct argp_option options_table[] = {
    {"seed", KEY_SEED, "N", 0, "Which cases (1): the same seed makes the same ones on every host",
     0},
    {"count", KEY_COUNT, "N", 0, "How many (20000, or with --seconds as many as the time allows)",
     0},
    {"seconds", KEY_SECONDS, "S", 0, "Ends after so long", 0},
    {"case", KEY_CASE, "N", 0, "Only this one, told in full: state, steps of the model, host", 0},
    {"host", KEY_HOST, RS_HOST_CHOICES, 0,
     "Where: /dev/kvm, or kvm-amd in an emulated machine; auto takes /dev/kvm when it is usable",
     0},
    {0},
};

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static int parse_number(const char *option, const char *argument, uint64_t *value,
                        struct rs_error *error)
{
    char *end;

    errno = 0;
    *value = strtoull(argument, &end, 0);
    if (errno == 0 && end != argument && *end == '\0' && argument[0] != '-')
        return 0;
    rs_error_set(error, RS_EXIT_USAGE, "--%s takes a number: '%s'", option, argument);
    return EINVAL;
}

static int parse_seconds(const char *argument, double *seconds, struct rs_error *error)
{
    char *end;

    *seconds = strtod(argument, &end);
    if (end != argument && *end == '\0' && *seconds > 0 && *seconds <= 1e9)
        return 0;
    rs_error_set(error, RS_EXIT_USAGE, "--seconds takes a positive number: '%s'", argument);
    return EINVAL;
}

static int parse_count(const char *argument, struct fuzz_command *command)
{
    int result = parse_number("count", argument, &command->fuzz.count, &command->error);

    if (result == 0 && command->fuzz.count == 0) {
        rs_error_set(&command->error, RS_EXIT_USAGE, "--count takes a positive number: '0'");
        return EINVAL;
    }
    command->limited = true;
    return result;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct fuzz_command *command = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_HOST:
        return rs_host_parse(argument, &command->host, &command->error) == 0 ? 0 : EINVAL;
    case KEY_SEED:
        return parse_number("seed", argument, &command->fuzz.seed, &command->error);
    case KEY_COUNT:
        return parse_count(argument, command);
    case KEY_SECONDS:
        command->limited = true;
        return parse_seconds(argument, &command->fuzz.seconds, &command->error);
    case KEY_CASE:
        command->fuzz.replay = true;
        return parse_number("case", argument, &command->fuzz.first, &command->error);
    case ARGP_KEY_ARG:
        rs_error_set(&command->error, RS_EXIT_USAGE, "fuzz takes no argument: '%s'", argument);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(struct fuzz_command *command, int kvm_fd)
{
    struct rs_fuzz_options *options = &command->fuzz;
    struct rs_fuzz_totals *totals = malloc(sizeof(*totals));
    int exit_code = RS_EXIT_SUCCESS;

    if (options->replay || !command->limited)
        options->count = options->replay ? 1 : DEFAULT_COUNT;
    if (command->host >= RS_HOST_EMULATED)
        snprintf(command->host_option, sizeof(command->host_option), " --host %s",
                 rs_host_name(command->host));
    options->command = command->host_option;
    if (!totals)
        return fail(&(struct rs_error){RS_EXIT_HOST, "out of memory"});
    if (rs_fuzz_run(kvm_fd, options, totals, stdout, &command->error) != 0) {
        exit_code = fail(&command->error);
    } else if (!options->replay && rs_fuzz_print(options, totals, stdout) != 0) {
        fprintf(stderr, "ringscope: the report cannot be written\n");
        exit_code = RS_EXIT_OUTPUT;
    } else if (rs_fuzz_total(totals, RS_FUZZ_DISAGREES) > 0) {
        exit_code = RS_EXIT_DEPARTS;
    }
    free(totals);
    return exit_code;
}

int rs_command_fuzz(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .doc =
            "Runs random transitions (INT n, SYSCALL, SYSRET, IRET, exceptions, segment loads, "
            "NMIs, interrupts) with random descriptors, gates, stacks and flags in a guest, and "
            "compares each with the model of what the SDM says.\v"
            "What the host is known to do otherwise is measured first, by the claims of `doctor`, "
            "and counted apart. Exit code: 0 nothing else differs, 1 something does, 119 there is "
            "no VM to be had. docs/fuzzing.md tells more.",
    };
    struct fuzz_command command = {.fuzz = {.seed = 1}};
    struct rs_emulation emulation = {.argc = argc, .argv = argv, .no_stdin = true};
    bool emulate;
    int kvm_fd, exit_code;

    if (argp_parse(&argp, argc, argv, 0, NULL, &command) != 0)
        return fail(&command.error);
    kvm_fd = rs_host_open(command.host, &emulate, &command.error);
    emulation.kind = rs_host_kind(command.host);
    if (emulate)
        return rs_host_emulate(&emulation);
    if (kvm_fd < 0)
        return fail(&command.error);
    exit_code = run(&command, kvm_fd);
    close(kvm_fd);
    return exit_code;
}
