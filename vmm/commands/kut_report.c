/* SPDX-License-Identifier: MIT
 * Results of kvm-unit-tests in the reports of ringscope test. */
#include "kut_job.h"
#include "suite/artefacts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRACE_SECONDS 10 /* of a second run, traced */

/* FAIL: one of its lines says so. ERROR: it came to no end, or said nothing. */
static void put_outcome(const struct rs_kut_job *job, const struct rs_kut_result *kut,
                        struct rs_result *result)
{
    if (!kut) {
        result->outcome = RS_OUTCOME_SKIP;
        result->skipped = 1;
        snprintf(result->detail, sizeof(result->detail), "%s", job->plan.reason);
        return;
    }
    result->passed = kut->lines[RS_KUT_PASS];
    result->failed = kut->lines[RS_KUT_FAIL] + kut->lines[RS_KUT_XPASS];
    result->broken = kut->lines[RS_KUT_ABORT];
    result->skipped = kut->lines[RS_KUT_SKIP];
    result->expected_failed = kut->lines[RS_KUT_XFAIL] + kut->lines[RS_KUT_KFAIL];
    snprintf(result->detail, sizeof(result->detail), "%s", kut->why);
    switch (kut->verdict) {
    case RS_KUT_PASSED:
        result->outcome = RS_OUTCOME_PASS;
        result->detail[0] = '\0';
        break;
    case RS_KUT_SKIPPED:
        result->outcome = RS_OUTCOME_SKIP;
        break;
    case RS_KUT_FAILED:
        result->outcome = result->failed > 0 ? RS_OUTCOME_FAIL : RS_OUTCOME_ERROR;
        break;
    }
}

static int copy_console(const struct rs_kut_job *job, struct rs_result *result)
{
    size_t size = job->output_size < RS_TEXT_MAX ? job->output_size : RS_TEXT_MAX;

    result->console = malloc(size + 1);
    if (!result->console)
        return -1;
    memcpy(result->console, job->output ? job->output : "", size);
    result->console[size] = '\0';
    result->console_size = (uint32_t)size;
    result->console_cut = size < job->output_size;
    return 0;
}

/* What was traced has its trace in the logs; else it is run once more for it. */
static int keep_trace(const struct rs_kut_options *options, const struct rs_kut_job *job,
                      const char *directory, struct rs_error *error)
{
    struct rs_kut_options traced = *options;
    struct rs_kut_job again = {.test = job->test, .plan = job->plan, .output_fd = -1};
    char path[PATH_MAX];
    int status;

    if (options->trace)
        return 0;
    snprintf(path, sizeof(path), "%.4000s/trace", directory);
    memcpy(again.path, job->path, sizeof(again.path));
    again.trace = path;
    if (again.plan.timeout > TRACE_SECONDS)
        again.plan.timeout = TRACE_SECONDS;
    traced.logs = NULL;
    status = rs_kut_job_start(&again, &traced, error);
    if (status == 0)
        status = rs_kut_job_finish(&again, &traced, error);
    rs_kut_job_free(&again);
    return status;
}

int rs_kut_report_add(const struct rs_kut_options *options, struct rs_kut_job *job,
                      const struct rs_kut_result *kut, struct rs_report *report,
                      struct rs_error *error)
{
    struct rs_result result = {.seconds = job->seconds,
                               .attempts = job->attempts ? job->attempts : 1};
    const char *host = options->host && strcmp(options->host, "auto") != 0 ? options->host : "kvm";
    const char *directory = options->suite->artefacts;
    char path[4096];
    bool keep;

    put_outcome(job, kut, &result);
    if (copy_console(job, &result) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    keep = directory && rs_artefacts_wanted(&result);
    if (job->registers && result.outcome != RS_OUTCOME_PASS) {
        rs_result_set_text(&result, RS_TEXT_REGISTERS, job->registers, strlen(job->registers));
        job->registers = NULL;
    }
    if (keep && (rs_artefacts_keep(directory, job->test->name, host, &result, path, sizeof(path),
                                   error) != 0 ||
                 keep_trace(options, job, path, error) != 0)) {
        rs_result_free(&result);
        return -1;
    }
    if (rs_report_add(report, job->test->name, host, "kut", keep ? path : NULL, &result) == 0)
        return 0;
    rs_result_free(&result);
    return rs_error_set(error, RS_EXIT_HOST, "out of memory");
}
