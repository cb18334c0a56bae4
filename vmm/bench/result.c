/* SPDX-License-Identifier: MIT
 * The result of a measurement. */
#include "result.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

const struct rs_bench_mark rs_bench_marks[RS_BENCH_MARK_COUNT] = {
#define X(name, letter, id, text) {letter, id, text},
    RS_BENCH_MARKS(X)
#undef X
};

bool rs_bench_result_valid(const struct rs_bench_result *result)
{
    for (unsigned i = 0; i < result->check_count; i++)
        if (!result->checks[i].ok)
            return false;
    return result->check_count > 0;
}

const struct rs_bench_row *rs_bench_result_find(const struct rs_bench_result *result,
                                                const char *name)
{
    for (size_t i = 0; i < result->row_count; i++)
        if (strcmp(result->rows[i].name, name) == 0)
            return &result->rows[i];
    return NULL;
}

double rs_bench_ns(const struct rs_bench_result *result, double ticks)
{
    return ticks * NS_PER_S / (double)result->tsc_hz;
}

void rs_bench_result_free(struct rs_bench_result *result)
{
    free(result->rows);
    result->rows = NULL;
    result->row_count = 0;
}

void rs_bench_add_fact(struct rs_bench_result *result, const char *key, const char *format, ...)
{
    struct rs_bench_fact *fact = &result->facts[result->fact_count];
    va_list arguments;

    if (result->fact_count == RS_BENCH_FACTS_MAX)
        return;
    snprintf(fact->key, sizeof(fact->key), "%s", key);
    va_start(arguments, format);
    vsnprintf(fact->value, sizeof(fact->value), format, arguments);
    va_end(arguments);
    result->fact_count += fact->value[0] != '\0';
}

void rs_bench_warn(struct rs_bench_result *result, bool noise, const char *format, ...)
{
    struct rs_bench_warning *warning = &result->warnings[result->warning_count];
    va_list arguments;

    if (result->warning_count == RS_BENCH_WARNINGS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(warning->text, sizeof(warning->text), format, arguments);
    va_end(arguments);
    warning->noise = noise;
    result->warning_count++;
}
