/* SPDX-License-Identifier: MIT
 * ringscope bench: what is done with a result. */
#include "bench.h"

#include "bench/compare.h"
#include "bench/plot.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

int rs_bench_load(const char *path, struct rs_bench_result *result, struct rs_error *error)
{
    size_t size;
    void *bytes;
    int status;

    if (rs_read_file(path, "bench result", &bytes, &size, error) != 0)
        return -1;
    status = rs_bench_read_json(result, path, bytes, size, error);
    free(bytes);
    return status;
}

static FILE *open_output(const struct rs_bench_options *options)
{
    FILE *out = options->output ? fopen(options->output, "we") : stdout;

    if (!out)
        fprintf(stderr, "ringscope: output '%s': %s\n", options->output, strerror(errno));
    return out;
}

static int close_output(const struct rs_bench_options *options, FILE *out, int status)
{
    if (options->output && fclose(out) != 0)
        status = -1;
    if (status == 0)
        return RS_EXIT_SUCCESS;
    fprintf(stderr, "ringscope: output '%s' cannot be written\n",
            options->output ? options->output : "stdout");
    return RS_EXIT_OUTPUT;
}

static int write_result(const struct rs_bench_options *options,
                        const struct rs_bench_result *result)
{
    FILE *out = open_output(options);
    int status;

    if (!out)
        return RS_EXIT_OUTPUT;
    status = options->json  ? rs_bench_write_json(result, out)
             : options->csv ? rs_bench_write_csv(result, out)
                            : rs_bench_print(result, out);
    return close_output(options, out, status);
}

/* A run that is not valid proves nothing: its gate is not even looked at. */
static int judge(const struct rs_bench_options *options, const struct rs_bench_result *result,
                 const struct rs_bench_result *baseline)
{
    if (!rs_bench_result_valid(result)) {
        fprintf(stderr, "ringscope: the known answer was not recovered: the run is not valid\n");
        return RS_EXIT_INVALID;
    }
    if (options->gated && !rs_bench_gate_judge(&options->gate, result, baseline, stderr))
        return RS_EXIT_GATE;
    return RS_EXIT_SUCCESS;
}

int rs_bench_show(const struct rs_bench_options *options, const struct rs_bench_result *result,
                  const struct rs_bench_result *baseline)
{
    int exit_code = write_result(options, result);
    struct rs_error error;

    if (exit_code == RS_EXIT_SUCCESS && options->plot &&
        rs_bench_plot(result, options->plot, &error) != 0)
        exit_code = fail(&error);
    return exit_code == RS_EXIT_SUCCESS ? judge(options, result, baseline) : exit_code;
}

static int compare(const struct rs_bench_options *options, struct rs_bench_result results[2])
{
    struct rs_error error;
    FILE *out;
    int status;

    for (unsigned i = 0; i < 2; i++)
        if (rs_bench_load(options->what[i], &results[i], &error) != 0)
            return fail(&error);
    out = open_output(options);
    if (!out)
        return RS_EXIT_OUTPUT;
    status = options->json ? rs_bench_compare_json(&results[0], &results[1], options->what[0],
                                                   options->what[1], out)
                           : rs_bench_compare(&results[0], &results[1], options->what[0],
                                              options->what[1], out);
    return close_output(options, out, status);
}

int rs_bench_show_comparison(const struct rs_bench_options *options)
{
    struct rs_bench_result *results = calloc(2, sizeof(*results));
    int exit_code;

    if (!results) {
        fprintf(stderr, "ringscope: out of memory\n");
        return RS_EXIT_HOST;
    }
    exit_code = compare(options, results);
    rs_bench_result_free(&results[0]);
    rs_bench_result_free(&results[1]);
    free(results);
    return exit_code;
}
