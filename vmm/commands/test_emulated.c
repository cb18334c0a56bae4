/* SPDX-License-Identifier: MIT
 * ringscope test on the emulated host: the same command inside, its report read outside. */
#include "test_suite.h"

#include "host/emulated.h"
#include "suite/artefacts.h"
#include "suite/golden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define INNER_REPORT "/out/report.json"
#define INNER_LIST "/in/suite"
#define INNER_ARTEFACTS "/kept"
#define ARGUMENTS_MAX 32

struct inner {
    const char **argv;
    size_t count;
    struct rs_emulated_input *inputs;
    size_t input_count;
    char (*paths)[64]; /* of the tests' files, inside */
    char list[64];     /* path of the suite file */
    char options[6][64];
    char trace[2048];
};

static void add(struct inner *inner, const char *argument)
{
    inner->argv[inner->count++] = argument;
}

static void add_options(struct inner *inner, const struct rs_test_options *options)
{
    add(inner, "ringscope");
    add(inner, "test");
    add(inner, "--host=kvm");
    add(inner, "--format=json");
    add(inner, "--output=" INNER_REPORT);
    snprintf(inner->options[0], sizeof(inner->options[0]), "--timeout=%g", options->seconds);
    snprintf(inner->options[1], sizeof(inner->options[1]), "--memory=%llu",
             (unsigned long long)options->memory);
    snprintf(inner->options[2], sizeof(inner->options[2]), "--retries=%u", options->retries);
    snprintf(inner->options[3], sizeof(inner->options[3]), "--cpus=%u", options->cpus);
    snprintf(inner->options[4], sizeof(inner->options[4]), "--max-events=%llu",
             (unsigned long long)options->events);
    for (unsigned i = 0; i < (options->events ? 5 : 4); i++)
        add(inner, inner->options[i]);
    if (rs_test_traces(options)) {
        snprintf(inner->trace, sizeof(inner->trace), "--trace=%s",
                 options->trace ? options->trace : "");
        add(inner, inner->trace);
    }
    if (options->sandbox.mode == RS_SANDBOX_OFF)
        add(inner, "--sandbox=off");
    if (options->artefacts) /* for the traces, which come in the report */
        add(inner, "--artefacts=" INNER_ARTEFACTS);
    if (options->no_repair)
        add(inner, "--repair=off");
    if (options->hook_kind != RS_HOOK_GATE) {
        snprintf(inner->options[5], sizeof(inner->options[5]), "--hook-kind=%s",
                 options->hook_kind == RS_HOOK_AUTO
                     ? "auto"
                     : rs_hook_kind_name((enum rs_hook_kind)options->hook_kind));
        add(inner, inner->options[5]);
    }
    if (options->kva_shadow)
        add(inner, "--kva-shadow");
    if (options->verify)
        add(inner, "--verify");
    add(inner, "--");
}

static void put_annotation(FILE *list, const char *key, const char *value)
{
    if (value)
        fprintf(list, "[%s=%s] ", key, value);
}

/* Inside each file has its number for a name. */
static int add_tests(struct inner *inner, const struct rs_suite *suite, int list_fd)
{
    FILE *list = fdopen(dup(list_fd), "w");
    bool failed;

    if (!list)
        return -1;
    for (size_t i = 0; i < suite->count; i++) {
        const struct rs_test *test = &suite->tests[i];

        if (test->path) {
            snprintf(inner->paths[i], sizeof(inner->paths[i]), "/in/test/%06zu", i);
            inner->inputs[inner->input_count++] =
                (struct rs_emulated_input){test->path, inner->paths[i]};
        }
        put_annotation(list, "needs", test->needs);
        put_annotation(list, "xfail", test->xfail);
        put_annotation(list, "ends", test->ends);
        fprintf(list, "%s", test->path ? inner->paths[i] : test->arguments[0]);
        for (char *const *argument = test->arguments + 1; *argument; argument++)
            fprintf(list, " %s", *argument);
        fputc('\n', list);
    }
    failed = ferror(list);
    if (fclose(list) != 0 || failed)
        return -1;
    snprintf(inner->list, sizeof(inner->list), "/proc/self/fd/%d", list_fd);
    inner->inputs[inner->input_count++] = (struct rs_emulated_input){inner->list, INNER_LIST};
    add(inner, INNER_LIST);
    add(inner, NULL);
    return 0;
}

static const struct rs_test *find_test(const struct rs_suite *suite, const char *inner_name)
{
    char *end;
    unsigned long number = strtoul(inner_name, &end, 10);

    if (end == inner_name + 6 && (!*end || *end == ' ') && number < suite->count &&
        suite->tests[number].path)
        return &suite->tests[number];
    for (size_t i = 0; i < suite->count; i++)
        if (!suite->tests[i].path && strcmp(suite->tests[i].name, inner_name) == 0)
            return &suite->tests[i];
    return NULL;
}

static int take(const struct rs_test_options *options, enum rs_host_kind kind,
                const struct rs_suite *suite, const struct rs_report *inside,
                struct rs_report *report, struct rs_error *error)
{
    const char *host = rs_host_describe(kind)->name;

    for (size_t i = 0; i < inside->count; i++) {
        struct rs_report_line *line = &inside->lines[i];
        const struct rs_test *test = find_test(suite, line->name);
        char path[4096];
        bool keep;

        if (!test)
            return rs_error_set(error, RS_EXIT_HOST, "the emulated host reports a test '%.100s'",
                                line->name);
        if (options->golden && rs_golden_judge(options->golden, test->name, options->update,
                                               &line->result, error) != 0)
            return -1;
        keep = options->artefacts && rs_artefacts_wanted(&line->result);
        if (keep && rs_artefacts_keep(options->artefacts, test->name, host, &line->result, path,
                                      sizeof(path), error) != 0)
            return -1;
        if (rs_report_add(report, test->name, host, line->kind, keep ? path : NULL,
                          &line->result) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "out of memory");
        line->result = (struct rs_result){0}; /* what it owned is the report's */
    }
    report->seconds += inside->seconds;
    return 0;
}

static int run(struct inner *inner, enum rs_host_kind kind, int report_fd, struct rs_error *error)
{
    struct rs_emulated_output output = {.inner_path = INNER_REPORT, .host_fd = report_fd};
    struct rs_emulated_command command = {
        .kind = kind,
        .argv = inner->argv,
        .inputs = inner->inputs,
        .input_count = inner->input_count,
        .outputs = &output,
        .output_count = 1,
        .no_stdin = true,
    };
    int status = rs_emulated_run(&command, error);

    if (status < 0)
        return -1;
    if (status == RS_EXIT_SUCCESS || status == RS_EXIT_DEPARTS || status == RS_EXIT_BROKEN)
        return 0;
    return rs_error_set(error, (enum rs_exit_code)status,
                        "the tests could not be run on the emulated host (exit status %d)", status);
}

static int run_and_read(const struct rs_test_options *options, enum rs_host_kind kind,
                        struct inner *inner, const struct rs_suite *suite, struct rs_report *report,
                        struct rs_error *error)
{
    int fd = memfd_create("report", MFD_CLOEXEC), status;
    struct rs_report inside = {0};
    char path[64];

    if (fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "the emulated host's report");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    status = run(inner, kind, fd, error);
    if (status == 0)
        status = rs_report_read(&inside, path, error);
    if (status == 0)
        status = take(options, kind, suite, &inside, report, error);
    rs_report_free(&inside);
    close(fd);
    return status;
}

int rs_test_emulated(const struct rs_test_options *options, enum rs_host_kind kind,
                     const struct rs_suite *suite, struct rs_report *report, struct rs_error *error)
{
    struct inner inner = {
        .argv = calloc(ARGUMENTS_MAX, sizeof(*inner.argv)),
        .inputs = calloc(suite->count + 1, sizeof(*inner.inputs)),
        .paths = calloc(suite->count + 1, sizeof(*inner.paths)),
    };
    int list_fd = memfd_create("suite", MFD_CLOEXEC), status;

    if (list_fd < 0 || !inner.argv || !inner.inputs || !inner.paths) {
        status = rs_error_set(error, RS_EXIT_HOST, "out of memory");
    } else {
        add_options(&inner, options);
        status = add_tests(&inner, suite, list_fd) == 0
                     ? run_and_read(options, kind, &inner, suite, report, error)
                     : rs_error_set(error, RS_EXIT_HOST, "the list of tests cannot be written");
    }
    if (list_fd >= 0)
        close(list_fd);
    free(inner.argv);
    free(inner.inputs);
    free(inner.paths);
    return status;
}
