/* SPDX-License-Identifier: MIT
 * ringscope test: from options to a report. */
#include "test_suite.h"

#include "measured.h"

#include "doctor/needs.h"
#include "kvm/kvm_host.h"
#include "suite/artefacts.h"
#include "suite/golden.h"
#include "suite/pool.h"
#include "suite/transitions.h"
#include "trace/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORKER_FILES 512
#define PAGEFILE_FACTOR 4 /* times guest memory: as long as a paging file becomes */

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

/* The line that is written over again while tests run, when somebody watches. */
struct live {
    bool on;
    size_t done, count;
    unsigned outcomes[RS_OUTCOME_COUNT];
    const struct rs_suite *suite;
    const struct rs_result *results;
};

static void show(void *context, size_t index)
{
    struct live *live = context;

    live->done++;
    live->outcomes[live->results[index].outcome]++;
    if (!live->on)
        return;
    fprintf(stderr, "\r%zu/%zu  %u pass  %u fail  %u error  %u skip  %.40s\033[K", live->done,
            live->count, live->outcomes[RS_OUTCOME_PASS], live->outcomes[RS_OUTCOME_FAIL],
            live->outcomes[RS_OUTCOME_ERROR], live->outcomes[RS_OUTCOME_SKIP],
            live->suite->tests[index].name);
    if (live->done == live->count)
        fprintf(stderr, "\r\033[K");
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static unsigned job_count(const struct rs_test_options *options, size_t tests)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned jobs = options->jobs ? options->jobs : online > 0 ? (unsigned)online : 1;

    return jobs < tests ? jobs : (unsigned)tests;
}

static uint64_t longest(const struct rs_suite *suite)
{
    size_t size = 0;

    for (size_t i = 0; i < suite->count; i++)
        if (suite->tests[i].file.size > size)
            size = suite->tests[i].file.size;
    return size + 1;
}

static int add_results(const struct rs_test_options *options, const struct rs_suite *suite,
                       struct rs_result *results, struct rs_report *report, struct rs_error *error)
{
    char path[4096];

    for (size_t i = 0; i < suite->count; i++) {
        const struct rs_test *test = &suite->tests[i];
        bool keep = options->artefacts && rs_artefacts_wanted(&results[i]);

        if (keep && rs_artefacts_keep(options->artefacts, test->name, "kvm", &results[i], path,
                                      sizeof(path), error) != 0)
            return -1;
        if (rs_report_add(report, test->name, "kvm", test->kind->name, keep ? path : NULL,
                          &results[i]) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "out of memory");
        results[i] = (struct rs_result){0}; /* what it owned is the report's */
    }
    return 0;
}

static int make_filter(const struct rs_test_options *options, struct rs_filter *filter,
                       struct rs_error *error)
{
    struct rs_filter_error wrong;

    rs_filter_init(filter);
    if (!options->trace || !options->trace[0] ||
        rs_filter_expression(filter, options->trace, NULL, &wrong) == 0)
        return 0;
    return rs_error_set(error, RS_EXIT_USAGE, "--trace '%s': %s", options->trace, wrong.message);
}

static uint32_t known_departures(struct rs_measured_lines *lines)
{
    static const char *const ids[] = {
#define X(bit, kind, deviation, id) [bit] = id,
        RS_MEASURED_DEPARTURES(X)
#undef X
    };
    char observed[RS_OBSERVED_MAX];
    uint32_t known = 0;

    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (rs_measure_line(lines, ids[i], observed) == RS_MEASURED_DEPARTS)
            known |= 1u << i;
    return known;
}

static bool any_traced(const struct rs_suite *suite)
{
    for (size_t i = 0; i < suite->count; i++)
        if (suite->tests[i].traced)
            return true;
    return false;
}

/* A worker makes machines all the time: it has more files open than a session, and none of them
 * is longer than its paging file. */
static struct rs_sandbox confine(const struct rs_test_options *options)
{
    struct rs_sandbox sandbox = options->sandbox;

    sandbox.files = WORKER_FILES;
    sandbox.file_size = PAGEFILE_FACTOR * options->memory;
    return sandbox;
}

/* The usual kinds are on every host, and a trace of tests tells no times that matter: nothing is
 * measured for them. */
static int choose_hooks(const struct rs_test_options *options, int kvm_fd,
                        struct rs_bench_place *place, struct rs_error *error)
{
    struct rs_hook_wish wish = {
        .wanted = options->hook_kind, .needs = place->needs, .several = options->cpus > 1};
    struct rs_hook_costs costs;

    if (options->hook_kind == RS_HOOK_GATE)
        return 0;
    return rs_doctor_hook_kinds(kvm_fd, &wish, &costs, &place->hook_kinds, &place->empty_span,
                                error);
}

static int run_pool(const struct rs_test_options *options, struct rs_measured_lines *lines,
                    const struct rs_suite *suite, struct rs_result *results, struct rs_error *error)
{
    struct live live = {
        .on = isatty(STDERR_FILENO), .count = suite->count, .suite = suite, .results = results};
    struct rs_filter filter;
    struct rs_pool pool = {
        .jobs = job_count(options, suite->count),
        .retries = options->retries,
        .place = {.budget = {.seconds = options->seconds,
                             .memory = options->memory,
                             .events = options->events},
                  .program_room = longest(suite),
                  .kva_shadow = options->kva_shadow,
                  .verify = options->verify,
                  .cpus = options->cpus,
                  .trace = rs_test_traces(options),
                  .keep_trace = options->artefacts != NULL,
                  .filter = &filter,
                  .sandbox = confine(options)},
        .done = show,
        .context = &live,
    };

    if (make_filter(options, &filter, error) != 0 ||
        (lines->repair && rs_doctor_needs(lines->kvm_fd, &pool.place.needs, error) != 0) ||
        choose_hooks(options, lines->kvm_fd, &pool.place, error) != 0)
        return -1;
    if (pool.place.trace || any_traced(suite))
        pool.place.departures = known_departures(lines);
    return rs_pool_run(&pool, suite, results, error);
}

static int settle(const struct rs_test_options *options, const struct rs_suite *suite,
                  const struct rs_measurer *measurer, struct rs_result *results,
                  struct rs_error *error)
{
    for (size_t i = 0; i < suite->count; i++) {
        rs_settle_result(&suite->tests[i], &results[i], measurer);
        if (options->golden && rs_golden_judge(options->golden, suite->tests[i].name,
                                               options->update, &results[i], error) != 0)
            return -1;
    }
    return 0;
}

static int run_here(const struct rs_test_options *options, int kvm_fd, const struct rs_suite *suite,
                    struct rs_report *report, struct rs_error *error)
{
    struct rs_result *results = calloc(suite->count, sizeof(*results));
    struct rs_measured_lines lines = {.kvm_fd = kvm_fd, .repair = !options->no_repair};
    struct rs_measurer measurer = {rs_measure_line, &lines};
    double begun = now();
    int status;

    if (!results)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    for (size_t i = 0; i < suite->count; i++)
        rs_settle_needs(&suite->tests[i], &results[i], &measurer);
    status = run_pool(options, &lines, suite, results, error);
    report->seconds += now() - begun;
    if (status == 0)
        status = settle(options, suite, &measurer, results, error);
    if (status == 0)
        status = add_results(options, suite, results, report, error);
    for (size_t i = 0; i < suite->count; i++) {
        rs_result_free(&results[i]);
        suite->tests[i].settled = false;
    }
    free(results);
    rs_measured_free(&lines);
    return status;
}

static int run_on(const struct rs_test_options *options, enum rs_host_choice choice,
                  const struct rs_suite *suite, struct rs_report *report, struct rs_error *error)
{
    bool emulate;
    int kvm_fd = rs_host_open(choice, &emulate, error), status;

    if (emulate)
        return rs_test_emulated(options, rs_host_kind(choice), suite, report, error);
    if (kvm_fd < 0)
        return -1;
    status = run_here(options, kvm_fd, suite, report, error);
    close(kvm_fd);
    return status;
}

static int run(const struct rs_test_options *options, const struct rs_suite *suite,
               struct rs_report *report, struct rs_error *error)
{
    struct rs_test_options each = *options;
    int status = 0;

    if (!options->hosts)
        return run_on(options, options->host, suite, report, error);
    for (unsigned i = 0; i < RS_HOST_CHOICE_COUNT && status == 0; i++) {
        if (!(options->hosts >> i & 1))
            continue;
        status = run_on(&each, (enum rs_host_choice)i, suite, report, error);
        each.update = false; /* the first host's trace is what the others are held against */
    }
    return status;
}

static int by_name(const void *left, const void *right)
{
    const struct rs_test *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static int find_tests(const struct rs_test_options *options, struct rs_suite *suite,
                      struct rs_error *error)
{
    if ((!options->paths || !options->paths[0]) && rs_suite_add_bundled(suite, error) != 0)
        return -1;
    for (char **path = options->paths; path && *path; path++)
        if (rs_suite_add(suite, *path, error) != 0)
            return -1;
    qsort(suite->tests, suite->count, sizeof(*suite->tests), by_name);
    rs_suite_select(suite, options->words, options->word_count);
    if (suite->count == 0)
        return rs_error_set(error, RS_EXIT_USAGE, "no test is left: see ringscope test --list");
    if (options->shards)
        rs_suite_shard(suite, options->shard, options->shards);
    rs_suite_find_layouts(suite);
    return 0;
}

static int merge(const struct rs_test_options *options, struct rs_report *report,
                 struct rs_error *error)
{
    if (!options->paths || !options->paths[0])
        return rs_error_set(error, RS_EXIT_USAGE, "--merge: which reports?");
    for (char **path = options->paths; *path; path++)
        if (rs_report_read(report, *path, error) != 0)
            return -1;
    return 0;
}

static void summarise(const struct rs_report *report)
{
    unsigned expected = rs_report_total(report, RS_OUTCOME_XFAIL);
    unsigned unexpected = rs_report_total(report, RS_OUTCOME_XPASS);

    fprintf(stderr, "ringscope: %zu tests in %.2f s: %u pass, %u fail, %u error, %u skip",
            report->count, report->seconds, rs_report_total(report, RS_OUTCOME_PASS),
            rs_report_total(report, RS_OUTCOME_FAIL), rs_report_total(report, RS_OUTCOME_ERROR),
            rs_report_total(report, RS_OUTCOME_SKIP));
    if (expected + unexpected > 0)
        fprintf(stderr, ", %u expected to fail, %u passed all the same", expected, unexpected);
    fputc('\n', stderr);
}

int rs_test_write_report(const struct rs_test_options *options, const struct rs_report *report)
{
    FILE *out = options->output ? fopen(options->output, "we") : stdout;
    bool failed = !out || rs_report_write(report, options->format, out) != 0;

    if (out && out != stdout && fclose(out) != 0)
        failed = true;
    if (failed) {
        fprintf(stderr, "ringscope: output '%s': %s\n",
                options->output ? options->output : "stdout", strerror(errno));
        return RS_EXIT_OUTPUT;
    }
    if (!rs_kvm_host_is_emulated()) /* else who started it sums up */
        summarise(report);
    if (rs_report_total(report, RS_OUTCOME_FAIL) + rs_report_total(report, RS_OUTCOME_XPASS) > 0)
        return RS_EXIT_DEPARTS;
    return rs_report_total(report, RS_OUTCOME_ERROR) > 0 ? RS_EXIT_BROKEN : RS_EXIT_SUCCESS;
}

static int test(const struct rs_test_options *options, struct rs_suite *suite,
                struct rs_report *report)
{
    struct rs_error error = {0};

    if (options->merge) {
        if (merge(options, report, &error) != 0)
            return fail(&error);
        return rs_test_write_report(options, report);
    }
    if (find_tests(options, suite, &error) != 0)
        return fail(&error);
    if (options->list) {
        for (size_t i = 0; i < suite->count; i++)
            printf("%s\n", suite->tests[i].name);
        return RS_EXIT_SUCCESS;
    }
    if (suite->count > 0 && run(options, suite, report, &error) != 0)
        return fail(&error);
    return rs_test_write_report(options, report);
}

int rs_test_suite(const struct rs_test_options *options)
{
    struct rs_report report = {0};
    struct rs_suite suite = {0};
    int exit_code = test(options, &suite, &report);

    rs_report_free(&report);
    rs_suite_free(&suite);
    return exit_code;
}
