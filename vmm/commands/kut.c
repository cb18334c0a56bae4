/* SPDX-License-Identifier: MIT
 * Runs kvm-unit-tests: the list, and its results. */
#include "kut.h"

#include "kut_job.h"
#include "options.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct totals {
    unsigned passed, failed, skipped, unable;
};

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static bool is_wanted(const struct rs_kut_options *options, const struct rs_kut_test *test)
{
    bool named = !options->names || !options->names[0];
    bool worded = options->suite->word_count == 0;

    for (char *const *name = options->names; name && *name; name++)
        named |= fnmatch(*name, test->name, 0) == 0;
    for (size_t i = 0; i < options->suite->word_count; i++)
        worded |= strstr(test->name, options->suite->words[i]) ||
                  fnmatch(options->suite->words[i], test->name, 0) == 0;
    return named && worded && (!options->group || rs_kut_has_word(test->groups, options->group));
}

/* The suite's own words for it. */
static void skip_nodefault(const struct rs_kut_options *options, const struct rs_kut_test *test,
                           struct rs_kut_plan *plan)
{
    if (!plan->reason[0] && !options->group && !(options->names && options->names[0]) &&
        rs_kut_has_word(test->groups, "nodefault"))
        snprintf(plan->reason, sizeof(plan->reason), "test marked as manual run only");
}

/* check = PATH=VALUE...: of this machine, so not of the emulated one. */
static void look_at_check(const struct rs_kut_options *options, const struct rs_kut_test *test,
                          struct rs_kut_plan *plan)
{
    const char *next = test->check;
    char word[512], value[128];

    if (plan->reason[0] ||
        (options->host && strcmp(options->host, "auto") != 0 && strcmp(options->host, "kvm") != 0))
        return;
    while (rs_kut_word(&next, 0, word, sizeof(word)) > 0) {
        char *equals = strchr(word, '=');
        FILE *file;

        if (!equals)
            continue;
        *equals = '\0';
        file = fopen(word, "re");
        if (!file || !fgets(value, sizeof(value), file))
            value[0] = '\0';
        if (file)
            fclose(file);
        value[strcspn(value, "\n")] = '\0';
        if (strcmp(value, equals + 1) != 0) {
            snprintf(plan->reason, sizeof(plan->reason), "%.100s not equal to %.40s", word,
                     equals + 1);
            return;
        }
    }
}

static void print_lines(const char *output, size_t size)
{
    const char *next = output, *end = output + size;

    while (next < end) {
        const char *line_end = memchr(next, '\n', (size_t)(end - next));
        size_t length = (size_t)((line_end ? line_end : end) - next);

        if (rs_kut_line_of(next, length) != RS_KUT_OTHER) {
            while (length > 0 && next[length - 1] == '\r')
                length--;
            printf("  ");
            for (size_t i = 0; i < length; i++)
                putchar(next[i] >= ' ' && next[i] <= '~' ? next[i] : '?');
            putchar('\n');
        }
        next = line_end ? line_end + 1 : end;
    }
}

/* One more test with its result, into the totals, and the text or the report. */
struct output {
    struct totals totals;
    struct rs_report report;
};

static void print_result(const struct rs_kut_options *options, const struct rs_kut_job *job,
                         const struct rs_kut_result *result)
{
    static const char *const verdicts[] = {"PASS", "FAIL", "SKIP"};

    if (!result) {
        printf("SKIP %s (%s)\n", job->test->name, job->plan.reason);
        return;
    }
    printf("%s %s%s%s%s\n", verdicts[result->verdict], job->test->name, result->why[0] ? " (" : "",
           result->why, result->why[0] ? ")" : "");
    if (!options->quiet)
        print_lines(job->output, job->output_size);
}

static int put_result(const struct rs_kut_options *options, struct rs_kut_job *job,
                      struct output *output, struct rs_error *error)
{
    struct totals *totals = &output->totals;
    unsigned *const counts[] = {&totals->passed, &totals->failed, &totals->skipped};
    struct rs_kut_result result;
    bool ran = !job->plan.reason[0];

    if (ran) {
        rs_kut_result_of(job->output, job->output_size, job->status, job->plan.timeout, &result);
        ++*counts[result.verdict];
    } else {
        totals->unable++;
    }
    if (options->report || options->suite->artefacts) {
        if (rs_kut_report_add(options, job, ran ? &result : NULL, &output->report, error) != 0)
            return -1;
    }
    if (!options->report) {
        print_result(options, job, ran ? &result : NULL);
        fflush(stdout);
    }
    return 0;
}

/* Whether a test that is done is to be tried again. */
static bool is_due_again(const struct rs_kut_options *options, const struct rs_kut_job *job)
{
    struct rs_kut_result result;

    if (job->plan.reason[0] || job->attempts > options->suite->retries)
        return false;
    rs_kut_result_of(job->output, job->output_size, job->status, job->plan.timeout, &result);
    return result.verdict == RS_KUT_FAILED;
}

static int print_totals(const struct totals *totals)
{
    printf("%u passed, %u failed, %u skipped by themselves, %u cannot be run\n", totals->passed,
           totals->failed, totals->skipped, totals->unable);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "ringscope: the results cannot be written\n");
        return RS_EXIT_OUTPUT;
    }
    return totals->failed > 0 ? RS_EXIT_DEPARTS : RS_EXIT_SUCCESS;
}

static int plan_jobs(const struct rs_kut_options *options, const char *directory,
                     const struct rs_kut_config *config, struct rs_kut_job *jobs, size_t *count)
{
    const struct rs_kut_limits limits = {
        .cpus_max = RS_CPUS_MAX,
        .memory_max = RS_RAM_MAX,
        .memory_default = RS_RAM_DIRECT_DEFAULT,
        .timeout = options->timeout,
        .now = (uint64_t)time(NULL),
    };

    *count = 0;
    for (size_t i = 0; i < config->count; i++) {
        struct rs_kut_job *job = &jobs[*count];

        if (!is_wanted(options, &config->tests[i]))
            continue;
        *job = (struct rs_kut_job){.test = &config->tests[i], .output_fd = -1};
        rs_kut_plan(job->test, &limits, &job->plan);
        skip_nodefault(options, job->test, &job->plan);
        look_at_check(options, job->test, &job->plan);
        snprintf(job->path, sizeof(job->path), "%s/%s", directory, job->test->file);
        if (!job->plan.reason[0] && access(job->path, R_OK) != 0)
            snprintf(job->plan.reason, sizeof(job->plan.reason),
                     "%.100s is not there: make builds it", job->test->file);
        (*count)++;
    }
    return *count > 0 ? 0 : -1;
}

/* Starts what there is room for, those first that are tried again. */
static int start_jobs(const struct rs_kut_options *options, struct rs_kut_job *jobs, size_t count,
                      size_t *started, unsigned *running, struct rs_error *error)
{
    for (size_t i = 0; i < *started; i++) {
        struct rs_kut_job *job = &jobs[i];

        if (*running == options->jobs || !job->done || job->output_fd < 0 ||
            !is_due_again(options, job))
            continue;
        rs_kut_job_free(job);
        job->done = false;
        if (rs_kut_job_start(job, options, error) != 0)
            return -1;
        ++*running;
    }
    for (; *started < count && *running < options->jobs; ++*started) {
        struct rs_kut_job *job = &jobs[*started];

        if (job->plan.reason[0])
            job->done = true;
        else if (rs_kut_job_start(job, options, error) != 0)
            return -1;
        else
            ++*running;
    }
    return 0;
}

/* Results come in the list's order, whichever test is done first. */
static int run_jobs(const struct rs_kut_options *options, struct rs_kut_job *jobs, size_t count,
                    struct output *output, struct rs_error *error)
{
    size_t started = 0, printed = 0;
    unsigned running = 0;

    while (printed < count) {
        if (start_jobs(options, jobs, count, &started, &running, error) != 0)
            return -1;
        for (; printed < started && jobs[printed].done && !is_due_again(options, &jobs[printed]);
             printed++) {
            if (put_result(options, &jobs[printed], output, error) != 0)
                return -1;
            rs_kut_job_free(&jobs[printed]);
        }
        if (running == 0)
            continue;
        if (rs_kut_job_wait(jobs, started, options, error) != 0)
            return -1;
        running--;
    }
    return 0;
}

static void keep_shard(const struct rs_test_options *suite, struct rs_kut_job *jobs, size_t *count)
{
    size_t kept = 0;

    for (size_t i = 0; suite->shards && i < *count; i++)
        if (i % suite->shards == suite->shard - 1)
            jobs[kept++] = jobs[i];
    if (suite->shards)
        *count = kept;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* On one host. Returns 0 or -1. */
static int run_on_host(const struct rs_kut_options *options, const char *directory,
                       const struct rs_kut_config *config, struct rs_kut_job *jobs,
                       struct output *output, struct rs_error *error)
{
    size_t count;

    if (plan_jobs(options, directory, config, jobs, &count) != 0)
        return rs_error_set(error, RS_EXIT_USAGE, "none of the %zu tests in %s is one of those",
                            config->count, directory);
    keep_shard(options->suite, jobs, &count);
    if (!options->suite->list)
        return run_jobs(options, jobs, count, output, error);
    for (size_t i = 0; i < count; i++)
        printf("%s\n", jobs[i].test->name);
    return 0;
}

static int run_on_hosts(const struct rs_kut_options *options, const char *directory,
                        const struct rs_kut_config *config, struct rs_kut_job *jobs,
                        struct output *output, struct rs_error *error)
{
    struct rs_kut_options one = *options;
    int status = 0;

    if (!options->suite->hosts || options->suite->list)
        return run_on_host(options, directory, config, jobs, output, error);
    for (unsigned i = 0; i < RS_HOST_CHOICE_COUNT && status == 0; i++) {
        one.host = rs_host_name((enum rs_host_choice)i);
        if (options->suite->hosts >> i & 1)
            status = run_on_host(&one, directory, config, jobs, output, error);
    }
    return status;
}

static int conclude(const struct rs_kut_options *options, const struct output *output)
{
    if (options->suite->list)
        return RS_EXIT_SUCCESS;
    return options->report ? rs_test_write_report(options->suite, &output->report)
                           : print_totals(&output->totals);
}

static int run_config(const struct rs_kut_options *options, const char *directory,
                      const struct rs_kut_config *config)
{
    struct rs_kut_job *jobs = calloc(config->count, sizeof(*jobs));
    struct output output = {0};
    struct rs_error error;
    double begun = now();
    int exit_code;

    if (!jobs) {
        rs_error_set(&error, RS_EXIT_HOST, "out of memory");
        return fail(&error);
    }
    if (run_on_hosts(options, directory, config, jobs, &output, &error) == 0) {
        output.report.seconds = now() - begun;
        exit_code = conclude(options, &output);
    } else {
        exit_code = fail(&error);
    }
    rs_report_free(&output.report);
    free(jobs);
    return exit_code;
}

/* DIR/x86/unittests.cfg, or DIR/unittests.cfg. */
static int read_config(const char *given, char *directory, size_t size, void **text,
                       size_t *text_size, struct rs_error *error)
{
    char path[PATH_MAX];

    snprintf(directory, size, "%s/x86", given);
    snprintf(path, sizeof(path), "%s/unittests.cfg", directory);
    if (access(path, F_OK) != 0) {
        snprintf(directory, size, "%s", given);
        snprintf(path, sizeof(path), "%s/unittests.cfg", directory);
    }
    return rs_read_file(path, "list of tests", text, text_size, error);
}

int rs_kut_run(const struct rs_kut_options *options)
{
    char directory[PATH_MAX - 64];
    struct rs_kut_config config;
    struct rs_error error;
    void *text;
    size_t size;
    int exit_code;

    if (options->logs && mkdir(options->logs, 0777) != 0 && errno != EEXIST) {
        rs_error_errno(&error, RS_EXIT_OUTPUT, errno, "--log '%s'", options->logs);
        return fail(&error);
    }
    if (read_config(options->directory, directory, sizeof(directory), &text, &size, &error) != 0)
        return fail(&error);
    exit_code = rs_kut_config_parse("unittests.cfg", text, size, &config, &error) == 0
                    ? run_config(options, directory, &config)
                    : fail(&error);
    rs_kut_config_free(&config);
    free(text);
    return exit_code;
}
