/* SPDX-License-Identifier: MIT
 * A result as JSON: docs/bench.schema.json. */
#include "result.h"

#include <jansson.h>
#include <math.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* What the caller adds may be NULL for want of memory: then the whole is. */
static void put(json_t **object, const char *key, json_t *value)
{
    if (*object && json_object_set_new(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

static json_t *text(const char *string)
{
    json_t *value = json_string(string);

    /* What the host says of itself need not be UTF-8. */
    return value ? value : json_string("?");
}

static json_t *numbers(const double *values, unsigned count)
{
    json_t *array = json_array();

    for (unsigned i = 0; array && i < count; i++)
        json_array_append_new(array, number(values[i]));
    return array;
}

static json_t *marks(unsigned bits)
{
    json_t *array = json_array();

    for (unsigned i = 0; array && i < RS_BENCH_MARK_COUNT; i++)
        if (bits & 1u << i)
            json_array_append_new(array, json_string(rs_bench_marks[i].id));
    return array;
}

static json_t *times(const struct rs_bench_result *result,
                     const struct rs_bench_statistics *statistics, bool ns)
{
    const struct {
        const char *key;
        double value;
        bool known;
    } values[] = {
        {"min", statistics->min, true},
        {"p50", statistics->p50, true},
        {"p50_low", statistics->low, statistics->interval_known},
        {"p50_high", statistics->high, statistics->interval_known},
        {"p90", statistics->p90, true},
        {"p99", statistics->p99, true},
        {"p99.9", statistics->p999, true},
        {"max", statistics->max, true},
    };
    json_t *object = json_object();

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        put(&object, values[i].key,
            values[i].known ? number(ns ? rs_bench_ns(result, values[i].value) : values[i].value)
                            : json_null());
    return object;
}

static json_t *row_json(const struct rs_bench_result *result, const struct rs_bench_row *row)
{
    const struct rs_bench_statistics *statistics = &row->statistics;
    json_t *object = json_object();

    put(&object, "name", text(row->name));
    put(&object, "group", text(row->group));
    put(&object, "variant", text(row->variant));
    put(&object, "title", text(row->title));
    put(&object, "skipped", row->skipped[0] ? text(row->skipped) : json_null());
    if (row->skipped[0])
        return object;
    put(&object, "marks", marks(row->marks));
    put(&object, "n", json_integer((json_int_t)statistics->n));
    put(&object, "outliers", json_integer((json_int_t)statistics->outliers));
    put(&object, "unsound", json_integer((json_int_t)row->unsound));
    put(&object, "warm_up_batches", json_integer(row->warm_up));
    put(&object, "empty_cycles", number(row->empty));
    put(&object, "cycles", times(result, statistics, false));
    put(&object, "ns", times(result, statistics, true));
    put(&object, "run_medians", numbers(statistics->runs, statistics->run_count));
    put(&object, "percentiles", numbers(statistics->quantiles, RS_BENCH_QUANTILES));
    return object;
}

static json_t *rows_json(const struct rs_bench_result *result)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < result->row_count; i++)
        json_array_append_new(array, row_json(result, &result->rows[i]));
    return array;
}

static json_t *checks_json(const struct rs_bench_result *result)
{
    json_t *array = json_array();

    for (unsigned i = 0; array && i < result->check_count; i++) {
        const struct rs_bench_check *check = &result->checks[i];
        json_t *object = json_object();

        put(&object, "method", text(check->method));
        put(&object, "known_cycles", number(check->known));
        put(&object, "recovered_cycles", number(check->recovered));
        put(&object, "error_cycles", number(check->error));
        put(&object, "ok", json_boolean(check->ok));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *sums_json(const struct rs_bench_result *result)
{
    json_t *array = json_array();

    for (unsigned i = 0; array && i < result->sum_count; i++) {
        const struct rs_bench_sum *sum = &result->sums[i];
        json_t *object = json_object();

        put(&object, "variant", text(sum->variant));
        put(&object, "phases_cycles", number(sum->phases));
        put(&object, "round_trip_cycles", number(sum->round_trip));
        put(&object, "error_cycles", number(sum->error));
        put(&object, "agrees", json_boolean(sum->agrees));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *method_json(const struct rs_bench_result *result)
{
    json_t *object = json_object();

    put(&object, "boots", json_integer(result->boots));
    put(&object, "runs", json_integer(result->runs));
    put(&object, "samples", json_integer(result->samples));
    put(&object, "tsc_hz", json_integer((json_int_t)result->tsc_hz));
    put(&object, "bootstrap_draws", json_integer(RS_BOOTSTRAP_DRAWS));
    put(&object, "level", number(RS_BOOTSTRAP_LEVEL));
    return object;
}

static json_t *facts_json(const struct rs_bench_result *result)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < result->fact_count; i++)
        put(&object, result->facts[i].key, text(result->facts[i].value));
    return object;
}

static json_t *warnings_json(const struct rs_bench_result *result)
{
    json_t *array = json_array();

    for (unsigned i = 0; array && i < result->warning_count; i++) {
        json_t *object = json_object();

        put(&object, "text", text(result->warnings[i].text));
        put(&object, "noise", json_boolean(result->warnings[i].noise));
        json_array_append_new(array, object);
    }
    return array;
}

int rs_bench_write_json(const struct rs_bench_result *result, FILE *out)
{
    json_t *object = json_object();
    int status = -1;

    put(&object, "schema", json_integer(RS_BENCH_SCHEMA));
    put(&object, "valid", json_boolean(rs_bench_result_valid(result)));
    put(&object, "emulated", json_boolean(result->emulated));
    put(&object, "interpreted_ring_0", json_boolean(result->interpreted));
    put(&object, "ring_0_instruction_cost", number(result->ring_0_cost));
    put(&object, "method", method_json(result));
    put(&object, "known_answer", checks_json(result));
    put(&object, "phase_sums", sums_json(result));
    put(&object, "fingerprint", facts_json(result));
    put(&object, "warnings", warnings_json(result));
    put(&object, "items", rows_json(result));
    if (object)
        status = json_dumpf(object, out, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(object);
    if (status != 0 || fputc('\n', out) == EOF || fflush(out) != 0 || ferror(out))
        return -1;
    return 0;
}
