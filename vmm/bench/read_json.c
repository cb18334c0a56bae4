/* SPDX-License-Identifier: MIT
 * A result from JSON: a file from anywhere. What is wrong with it is one line. */
#include "result.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 1000
#define NUMBER_MAX 1e15 /* ticks of days: what is above is no measurement, and would overflow */
#define WHERE_MAX 96

struct reader {
    const char *name; /* of the file */
    struct rs_error *error;
    bool failed; /* the first thing that is wrong is told */
};

static __attribute__((format(printf, 2, 3))) void wrong(struct reader *reader, const char *format,
                                                        ...)
{
    char text[256];
    va_list arguments;

    if (reader->failed)
        return;
    reader->failed = true;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    rs_error_set(reader->error, RS_EXIT_IMAGE, "bench result '%s': %s", reader->name, text);
}

static double number_of(struct reader *reader, const json_t *object, const char *where,
                        const char *key)
{
    const json_t *value = json_object_get(object, key);
    double number = json_is_number(value) ? json_number_value(value) : NAN;

    if (!(fabs(number) <= NUMBER_MAX))
        wrong(reader, "%s.%s is not a number", where, key);
    return number;
}

/* false: it is null. */
static bool number_or_null(struct reader *reader, const json_t *object, const char *where,
                           const char *key, double *number)
{
    if (json_is_null(json_object_get(object, key)))
        return false;
    *number = number_of(reader, object, where, key);
    return true;
}

static uint64_t count_of(struct reader *reader, const json_t *object, const char *where,
                         const char *key, uint64_t least, uint64_t most)
{
    const json_t *value = json_object_get(object, key);
    json_int_t count = json_integer_value(value);

    if (json_is_integer(value) && count >= 0 && (uint64_t)count >= least && (uint64_t)count <= most)
        return (uint64_t)count;
    wrong(reader, "%s.%s is not a number from %llu to %llu", where, key, (unsigned long long)least,
          (unsigned long long)most);
    return least;
}

static bool bool_of(struct reader *reader, const json_t *object, const char *where, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_boolean(value))
        wrong(reader, "%s.%s is neither true nor false", where, key);
    return json_is_true(value);
}

/* Control characters would go to a terminal: they are not taken. */
static void copy_text(char *to, const char *from)
{
    size_t used = 0;

    for (; *from && used + 1 < RS_BENCH_TEXT_MAX; from++)
        to[used++] = (unsigned char)*from < ' ' || *from == 0x7f ? '?' : *from;
    to[used] = '\0';
}

static void text_of(struct reader *reader, const json_t *object, const char *where, const char *key,
                    char *to)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text)
        wrong(reader, "%s.%s is not a string", where, key);
    copy_text(to, text ? text : "");
}

static size_t numbers_of(struct reader *reader, const json_t *object, const char *where,
                         const char *key, double *numbers, size_t least, size_t most)
{
    const json_t *array = json_object_get(object, key), *value;
    size_t count = json_array_size(array), i;

    if (count < least || count > most) {
        wrong(reader, "%s.%s is not an array of %zu to %zu numbers", where, key, least, most);
        return 0;
    }
    json_array_foreach((json_t *)(uintptr_t)array, i, value)
    {
        numbers[i] = json_is_number(value) ? json_number_value(value) : NAN;
        if (!(fabs(numbers[i]) <= NUMBER_MAX))
            wrong(reader, "%s.%s[%zu] is not a number", where, key, i);
    }
    return count;
}

static const json_t *array_of(struct reader *reader, const json_t *object, const char *key,
                              size_t most)
{
    const json_t *array = json_object_get(object, key);

    if (!json_is_array(array) || json_array_size(array) > most) {
        wrong(reader, "%s is not an array of at most %zu", key, most);
        return NULL;
    }
    return array;
}

static void read_marks(const json_t *object, struct rs_bench_row *row)
{
    const json_t *array = json_object_get(object, "marks"), *value;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)array, i, value)
    {
        const char *id = json_string_value(value);

        for (unsigned bit = 0; id && bit < RS_BENCH_MARK_COUNT; bit++)
            if (strcmp(rs_bench_marks[bit].id, id) == 0)
                row->marks |= 1u << bit;
    }
}

static void read_cycles(struct reader *reader, const json_t *object, const char *where,
                        struct rs_bench_statistics *statistics)
{
    const json_t *cycles = json_object_get(object, "cycles");
    char inside[WHERE_MAX + 16];

    snprintf(inside, sizeof(inside), "%s.cycles", where);
    statistics->min = number_of(reader, cycles, inside, "min");
    statistics->p50 = number_of(reader, cycles, inside, "p50");
    statistics->p90 = number_of(reader, cycles, inside, "p90");
    statistics->p99 = number_of(reader, cycles, inside, "p99");
    statistics->p999 = number_of(reader, cycles, inside, "p99.9");
    statistics->max = number_of(reader, cycles, inside, "max");
    statistics->interval_known =
        number_or_null(reader, cycles, inside, "p50_low", &statistics->low) &&
        number_or_null(reader, cycles, inside, "p50_high", &statistics->high);
}

static void read_percentiles(struct reader *reader, const json_t *object, const char *where,
                             double quantiles[RS_BENCH_QUANTILES])
{
    numbers_of(reader, object, where, "percentiles", quantiles, RS_BENCH_QUANTILES,
               RS_BENCH_QUANTILES);
    for (unsigned i = 1; i < RS_BENCH_QUANTILES; i++)
        if (quantiles[i] < quantiles[i - 1])
            wrong(reader, "%s.percentiles[%u] is below the one before it", where, i);
}

static void read_row(struct reader *reader, const json_t *object, const char *where,
                     struct rs_bench_row *row)
{
    struct rs_bench_statistics *statistics = &row->statistics;

    text_of(reader, object, where, "name", row->name);
    text_of(reader, object, where, "group", row->group);
    text_of(reader, object, where, "variant", row->variant);
    text_of(reader, object, where, "title", row->title);
    if (json_is_string(json_object_get(object, "skipped"))) {
        text_of(reader, object, where, "skipped", row->skipped);
        if (!row->skipped[0])
            wrong(reader, "%s.skipped has no reason", where);
        return;
    }
    read_marks(object, row);
    row->warm_up = (unsigned)count_of(reader, object, where, "warm_up_batches", 0, UINT32_MAX);
    row->unsound = count_of(reader, object, where, "unsound", 0, INT64_MAX);
    row->empty = number_of(reader, object, where, "empty_cycles");
    statistics->n = count_of(reader, object, where, "n", 1, INT64_MAX);
    statistics->outliers = count_of(reader, object, where, "outliers", 0, INT64_MAX);
    read_cycles(reader, object, where, statistics);
    statistics->run_count = (unsigned)numbers_of(reader, object, where, "run_medians",
                                                 statistics->runs, 1, RS_BENCH_RUNS_MAX);
    read_percentiles(reader, object, where, statistics->quantiles);
}

static void read_rows(struct reader *reader, const json_t *root, struct rs_bench_result *result)
{
    const json_t *array = array_of(reader, root, "items", ROWS_MAX), *object;
    char where[WHERE_MAX];
    size_t i;

    result->rows = calloc(json_array_size(array) + 1, sizeof(result->rows[0]));
    if (!result->rows) {
        wrong(reader, "out of memory");
        return;
    }
    json_array_foreach((json_t *)(uintptr_t)array, i, object)
    {
        snprintf(where, sizeof(where), "items[%zu]", i);
        read_row(reader, object, where, &result->rows[result->row_count++]);
    }
}

static void read_checks(struct reader *reader, const json_t *root, struct rs_bench_result *result)
{
    const json_t *array = array_of(reader, root, "known_answer", RS_BENCH_CHECKS_MAX), *object;
    char where[WHERE_MAX];
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)array, i, object)
    {
        struct rs_bench_check *check = &result->checks[result->check_count++];

        snprintf(where, sizeof(where), "known_answer[%zu]", i);
        text_of(reader, object, where, "method", check->method);
        check->known = number_of(reader, object, where, "known_cycles");
        check->recovered = number_of(reader, object, where, "recovered_cycles");
        check->error = number_of(reader, object, where, "error_cycles");
        check->ok = bool_of(reader, object, where, "ok");
    }
}

static void read_sums(struct reader *reader, const json_t *root, struct rs_bench_result *result)
{
    const json_t *array = array_of(reader, root, "phase_sums", RS_BENCH_SUMS_MAX), *object;
    char where[WHERE_MAX];
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)array, i, object)
    {
        struct rs_bench_sum *sum = &result->sums[result->sum_count++];

        snprintf(where, sizeof(where), "phase_sums[%zu]", i);
        text_of(reader, object, where, "variant", sum->variant);
        sum->phases = number_of(reader, object, where, "phases_cycles");
        sum->round_trip = number_of(reader, object, where, "round_trip_cycles");
        sum->error = number_of(reader, object, where, "error_cycles");
        sum->agrees = bool_of(reader, object, where, "agrees");
    }
}

static void read_fingerprint(struct reader *reader, const json_t *root,
                             struct rs_bench_result *result)
{
    json_t *facts = json_object_get(root, "fingerprint"), *value;
    const char *key;

    if (!json_is_object(facts) || json_object_size(facts) > RS_BENCH_FACTS_MAX) {
        wrong(reader, "fingerprint is not an object of at most %d strings", RS_BENCH_FACTS_MAX);
        return;
    }
    json_object_foreach(facts, key, value)
    {
        struct rs_bench_fact *fact = &result->facts[result->fact_count++];

        if (!json_is_string(value))
            wrong(reader, "fingerprint has something that is not a string");
        copy_text(fact->key, key);
        copy_text(fact->value, json_is_string(value) ? json_string_value(value) : "");
    }
}

static void read_warnings(struct reader *reader, const json_t *root, struct rs_bench_result *result)
{
    const json_t *array = array_of(reader, root, "warnings", RS_BENCH_WARNINGS_MAX), *object;
    char where[WHERE_MAX];
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)array, i, object)
    {
        struct rs_bench_warning *warning = &result->warnings[result->warning_count++];

        snprintf(where, sizeof(where), "warnings[%zu]", i);
        text_of(reader, object, where, "text", warning->text);
        warning->noise = bool_of(reader, object, where, "noise");
    }
}

static void read_method(struct reader *reader, const json_t *root, struct rs_bench_result *result)
{
    const json_t *method = json_object_get(root, "method");

    result->boots = (unsigned)count_of(reader, method, "method", "boots", 1, UINT32_MAX);
    result->runs = (unsigned)count_of(reader, method, "method", "runs", 1, UINT32_MAX);
    result->samples = (unsigned)count_of(reader, method, "method", "samples", 1, UINT32_MAX);
    result->tsc_hz = count_of(reader, method, "method", "tsc_hz", 1, INT64_MAX);
}

static void read_root(struct reader *reader, const json_t *root, struct rs_bench_result *result)
{
    const json_t *schema = json_object_get(root, "schema");

    if (!json_is_object(root) || !json_is_integer(schema)) {
        wrong(reader, "this is no result of ringscope bench --json");
        return;
    }
    if (json_integer_value(schema) != RS_BENCH_SCHEMA) {
        wrong(reader, "its schema is %lld, this ringscope reads %d",
              (long long)json_integer_value(schema), RS_BENCH_SCHEMA);
        return;
    }
    result->emulated = bool_of(reader, root, "the result", "emulated");
    result->interpreted = bool_of(reader, root, "the result", "interpreted_ring_0");
    result->ring_0_cost = number_of(reader, root, "the result", "ring_0_instruction_cost");
    read_method(reader, root, result);
    read_checks(reader, root, result);
    read_sums(reader, root, result);
    read_fingerprint(reader, root, result);
    read_warnings(reader, root, result);
    read_rows(reader, root, result);
}

int rs_bench_read_json(struct rs_bench_result *result, const char *name, const void *bytes,
                       size_t size, struct rs_error *error)
{
    struct reader reader = {.name = name, .error = error};
    json_error_t syntax;
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &syntax);

    memset(result, 0, sizeof(*result));
    if (root)
        read_root(&reader, root, result);
    else
        wrong(&reader, "line %d: %s", syntax.line, syntax.text);
    json_decref(root);
    if (!reader.failed)
        return 0;
    rs_bench_result_free(result);
    return -1;
}
