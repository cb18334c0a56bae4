/* SPDX-License-Identifier: MIT
 * ringscope test: the options. */
#include "commands.h"
#include "kut.h"
#include "options.h"
#include "test_suite.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_KUT = 0x100,
    KEY_HOST,
    KEY_REPAIR,
    KEY_HOOK_KIND,
    KEY_TIMEOUT,
    KEY_TRACE,
    KEY_LOG,
    KEY_FORMAT,
    KEY_ARTEFACTS,
    KEY_SHARD,
    KEY_MERGE,
    KEY_RETRIES,
    KEY_KVA_SHADOW,
    KEY_VERIFY,
    KEY_LIST,
    KEY_CPUS,
    KEY_EVENTS,
    KEY_GOLDEN,
    KEY_UPDATE,
    KEY_SANDBOX
};
#define GENERAL 1
#define OF_KUT 2
#define JOBS_MAX 256
#define RETRIES_MAX 100
#define EVENTS_DEFAULT 1000000
#define TEXT_OF(number) TEXT(number)
#define TEXT(number) #number
#define CPUS_MAX_TEXT TEXT_OF(RS_CPUS_MAX)

struct test_options {
    struct rs_kut_options kut;
    struct rs_test_options suite;
    struct rs_error error;
};

static const struct argp_option options_table[] = {
    {"jobs", 'j', "N", 0, "Run so many tests at a time (one for each CPU; 1 with --kut)", GENERAL},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0,
     "End each test after so long (60; with --kut what its list says)", GENERAL},
    {"host", KEY_HOST, "HOST,...", 0,
     "What runs the guests, as for run; kvm,tcg,bochs-intel runs all tests on each of them",
     GENERAL},
    {NULL, 'k', "WORD", 0,
     "Only tests whose name has WORD in it, or matches it as a glob; may be "
     "repeated",
     GENERAL},
    {"list", KEY_LIST, NULL, 0, "Print the names of the tests, and run none", GENERAL},
    {"memory", 'm', "SIZE", 0, "Guest memory of each test; K, M or G may follow the number (64M)",
     GENERAL},
    {"cpus", KEY_CPUS, "N", 0, "vCPUs of each test's guest (1)", GENERAL},
    {"max-events", KEY_EVENTS, "N", 0,
     "End a traced test after so many events; none: no limit (1000000)", GENERAL},
    {"trace", KEY_TRACE, "EXPR", OPTION_ARG_OPTIONAL,
     "Trace every test, only the events for which EXPR is true if there is one (docs/filter.md); "
     "of --kut under `ringscope trace -f EXPR`, into DIR/NAME.trace of --log",
     GENERAL},
    {"golden", KEY_GOLDEN, "DIR", 0,
     "Trace every test, and compare its transitions with DIR/NAME.trace", GENERAL},
    {"update", KEY_UPDATE, NULL, 0, "Write these files instead", GENERAL},
    {"retries", KEY_RETRIES, "N", 0, "Try what does not pass up to N times more (0)", GENERAL},
    {"shard", KEY_SHARD, "I/N", 0, "Of the tests, sorted by name, only each N-th from number I on",
     GENERAL},
    {"format", KEY_FORMAT, "tap|junit|json", 0, "What the results are written as (tap)", GENERAL},
    {"output", 'o', "FILE", 0, "Write them to FILE (stdout)", GENERAL},
    {"merge", KEY_MERGE, NULL, 0, "Run nothing: the arguments are reports in JSON, joined to one",
     GENERAL},
    {"artefacts", KEY_ARTEFACTS, "DIR", 0,
     "Keep console, registers and trace of what does not pass in DIR/NAME@HOST/", GENERAL},
    {"kva-shadow", KEY_KVA_SHADOW, NULL, 0, "Two page-table roots for each process", GENERAL},
    {"sandbox", KEY_SANDBOX, "off|on|strict", 0,
     "What a worker gives up before its first guest: privileges, files, system calls, and space to "
     "write (on)",
     GENERAL},
    {"verify", KEY_VERIFY, NULL, 0,
     "Prove before each test, by a hash of memory and registers, that it begins as the first did",
     GENERAL},
    {"kut", KEY_KUT, "DIR", 0, "The tests of kvm-unit-tests, built in DIR, by its unittests.cfg",
     OF_KUT},
    {"group", 'g', "GROUP", 0, "Of --kut: only the tests of this group", OF_KUT},
    {"quiet", 'q', NULL, 0, "Of --kut: one line for each test, without the lines that it printed",
     OF_KUT},
    {"log", KEY_LOG, "DIR", 0, "Of --kut: keep what each test printed in DIR/NAME.log", OF_KUT},
    {"repair", KEY_REPAIR, "on|off", 0, "Put transitions right that this host gets wrong (on)",
     GENERAL},
    {"hook-kind", KEY_HOOK_KIND, "auto|gate|site|int3|breakpoint", 0,
     "By which exit transitions leave the guest, as for trace; auto measures what each takes here "
     "(gate; auto with --kut)",
     GENERAL},
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
    options->kut.jobs = options->suite.jobs = (unsigned)number;
    return 0;
}

static error_t parse_timeout(struct test_options *options, const char *value)
{
    char *end;

    options->kut.timeout = strtod(value, &end);
    if (end == value || *end || !isfinite(options->kut.timeout) || options->kut.timeout <= 0)
        return bad(options, "--timeout", value, "a number of seconds above 0");
    options->suite.seconds = options->kut.timeout;
    return 0;
}

static error_t parse_retries(struct test_options *options, const char *value)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    if (end == value || *end || value[0] == '-' || number > RETRIES_MAX)
        return bad(options, "--retries", value, "a number from 0 to 100");
    options->suite.retries = (unsigned)number;
    return 0;
}

static error_t parse_shard(struct test_options *options, const char *value)
{
    int used = 0;

    if (sscanf(value, "%u/%u%n", &options->suite.shard, &options->suite.shards, &used) != 2 ||
        value[used] || options->suite.shard < 1 || options->suite.shard > options->suite.shards ||
        strchr("+-", value[0]))
        return bad(options, "--shard", value, "I/N with I from 1 to N");
    return 0;
}

static error_t parse_format(struct test_options *options, const char *value)
{
    static const char *const words[] = {
#define X(name, word) word,
        RS_REPORT_FORMATS(X)
#undef X
    };

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(value, words[i]) == 0) {
            options->suite.format = (enum rs_report_format)i;
            return 0;
        }
    }
    return bad(options, "--format", value, "one of tap junit json");
}

static error_t parse_memory(struct test_options *options, const char *value)
{
    uint64_t *size = &options->suite.memory;

    if (!rs_parse_size(value, size) || *size < RS_RAM_MIN || *size > RS_RAM_MAX ||
        *size % LARGE_PAGE_SIZE != 0)
        return bad(options, "--memory", value, "a multiple of 2M, from 8M to 3G");
    return 0;
}

static error_t parse_count(struct test_options *options, int key, const char *value)
{
    char *end;
    unsigned long long number = strtoull(value, &end, 10);
    bool none = key == KEY_EVENTS && strcmp(value, "none") == 0;

    if (!none && (end == value || *end || value[0] == '-' || number < 1 ||
                  (key == KEY_CPUS && number > RS_CPUS_MAX)))
        return key == KEY_CPUS ? bad(options, "--cpus", value, "a number from 1 to " CPUS_MAX_TEXT)
                               : bad(options, "--max-events", value, "a number above 0, or none");
    if (key == KEY_CPUS)
        options->suite.cpus = (unsigned)number;
    else
        options->suite.events = none ? 0 : number;
    return 0;
}

static error_t parse_word(struct test_options *options, const char *value)
{
    if (options->suite.word_count == RS_TEST_WORDS_MAX)
        return bad(options, "-k", value, "at most 32 of them");
    options->suite.words[options->suite.word_count++] = value;
    return 0;
}

/* One host, or several with commas between. */
static error_t parse_hosts(struct test_options *options, const char *value)
{
    enum rs_host_choice choice;
    char name[32];

    options->kut.host = value;
    options->suite.hosts = 0;
    if (!strchr(value, ','))
        return rs_host_parse(value, &options->suite.host, &options->error) == 0 ? 0 : EINVAL;
    while (*value) {
        size_t length = strcspn(value, ",");

        snprintf(name, sizeof(name), "%.*s", (int)length, value);
        if (rs_host_parse(name, &choice, &options->error) != 0)
            return EINVAL;
        if (choice == RS_HOST_AUTO)
            return bad(options, "--host", options->kut.host, "auto stands alone");
        options->suite.hosts |= 1u << choice;
        value += length + (value[length] == ',');
    }
    return 0;
}

static error_t parse_choice(struct test_options *options, int key, const char *value)
{
    if (key == KEY_HOST)
        return parse_hosts(options, value);
    if (key == KEY_HOOK_KIND) {
        options->kut.hook_kind = value;
        if (rs_hook_kind_parse(value, &options->suite.hook_kind) == 0)
            return 0;
        return bad(options, "--hook-kind", value, "one of auto gate site int3 breakpoint");
    }
    options->kut.repair = value;
    options->suite.no_repair = strcmp(value, "off") == 0;
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
        return bad(options, "--repair", value, "one of off on");
    return 0;
}

/* What a suite alone has. */
static error_t parse_suite(int key, char *argument, struct test_options *options)
{
    switch (key) {
    case 'k':
        return parse_word(options, argument);
    case 'm':
        return parse_memory(options, argument);
    case 'o':
        options->kut.report = true;
        options->suite.output = argument;
        return 0;
    case KEY_FORMAT:
        options->kut.report = true;
        return parse_format(options, argument);
    case KEY_ARTEFACTS:
        options->suite.artefacts = argument;
        return 0;
    case KEY_SHARD:
        return parse_shard(options, argument);
    case KEY_MERGE:
        options->suite.merge = true;
        return 0;
    case KEY_RETRIES:
        return parse_retries(options, argument);
    case KEY_KVA_SHADOW:
        options->suite.kva_shadow = true;
        return 0;
    case KEY_VERIFY:
        options->suite.verify = true;
        return 0;
    case KEY_LIST:
        options->suite.list = true;
        return 0;
    case KEY_CPUS:
    case KEY_EVENTS:
        return parse_count(options, key, argument);
    case KEY_GOLDEN:
        options->suite.golden = argument;
        return 0;
    case KEY_UPDATE:
        options->suite.update = true;
        return 0;
    case KEY_SANDBOX:
        if (!rs_sandbox_parse(argument, &options->suite.sandbox.mode))
            return bad(options, "--sandbox", argument, "one of off on strict");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
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
        options->kut.trace = options->suite.trace = argument ? argument : "";
        return 0;
    case KEY_TIMEOUT:
        return parse_timeout(options, argument);
    case KEY_HOST:
    case KEY_REPAIR:
    case KEY_HOOK_KIND:
        return parse_choice(options, key, argument);
    case ARGP_KEY_ARGS:
        options->kut.names = options->suite.paths = state->argv + state->next;
        return 0;
    default:
        return parse_suite(key, argument, options);
    }
}

int rs_command_test(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[PATH|SUITE...]\n--merge REPORT...\n--kut DIR [NAME...]",
        .doc =
            "Runs guest tests, each from a snapshot of the booted kernel, and reports pass, fail, "
            "error or skip of each. A PATH is an ELF file, a directory of them, or the name of a "
            "bundled program; a SUITE is a text file with one of these a line. Without any the "
            "kernel's own tests run.\v"
            "A test prints TAP: `ringscope new-test NAME` writes one. Silence is an error. "
            "docs/testing.md tells how to write and run tests, docs/kvm-unit-tests.md of --kut.\n"
            "  ringscope test -j 2 build/tests         all ELF files of a directory\n"
            "  ringscope test -k paging --retries 1    the bundled ones with that word\n"
            "  ringscope test --shard 1/4 --format json -o 1.json DIR\n"
            "  ringscope test --merge --format junit 1.json 2.json 3.json 4.json",
        .help_filter = rs_options_exit_codes_filter,
    };
    struct test_options options = {.kut.jobs = 1,
                                   .suite = {.seconds = 60,
                                             .memory = RS_RAM_DEFAULT,
                                             .hook_kind = RS_HOOK_GATE,
                                             .cpus = 1,
                                             .sandbox = {.mode = RS_SANDBOX_DEFAULT},
                                             .events = EVENTS_DEFAULT}};

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0) {
        if (!options.error.message[0])
            rs_error_set(&options.error, RS_EXIT_USAGE, "test: see ringscope test --help");
        fprintf(stderr, "ringscope: %s\n", options.error.message);
        return options.error.exit_code;
    }
    if (options.suite.update && !options.suite.golden) {
        fprintf(stderr, "ringscope: --update: of which golden files? --golden DIR says it\n");
        return RS_EXIT_USAGE;
    }
    options.kut.suite = &options.suite;
    return options.kut.directory ? rs_kut_run(&options.kut) : rs_test_suite(&options.suite);
}
