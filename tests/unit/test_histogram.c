/* SPDX-License-Identifier: MIT
 * Quantiles: exact for small values, at most 1/32 too large for others. */
#include "trace/histogram.h"
#include "unit.h"

static struct rs_histogram histogram;

START_TEST(small_values_are_exact)
{
    memset(&histogram, 0, sizeof(histogram));
    ck_assert_uint_eq(rs_histogram_quantile(&histogram, 500), 0);
    for (uint64_t value = 1; value <= 20; value++)
        rs_histogram_add(&histogram, value);
    ck_assert_uint_eq(rs_histogram_quantile(&histogram, 500), 10);
    ck_assert_uint_eq(rs_histogram_quantile(&histogram, 990), 20);
    ck_assert_uint_eq(rs_histogram_quantile(&histogram, 0), 1);
    ck_assert_uint_eq(histogram.min, 1);
    ck_assert_uint_eq(histogram.max, 20);
    ck_assert_uint_eq(histogram.total, 210);
}
END_TEST

static const uint64_t values[] = {31,        32, 33, 63, 64, 65, 1000, 123456789, UINT64_MAX / 2,
                                  UINT64_MAX};

START_TEST(large_values_are_near)
{
    uint64_t value = values[_i], quantile;

    memset(&histogram, 0, sizeof(histogram));
    rs_histogram_add(&histogram, value);
    rs_histogram_add(&histogram, UINT64_MAX);
    quantile = rs_histogram_quantile(&histogram, 500);
    ck_assert_uint_ge(quantile, value);
    ck_assert_uint_le(quantile - value, value / RS_HISTOGRAM_STEPS);
}
END_TEST

START_TEST(buckets_have_no_gaps)
{
    ck_assert_uint_eq(rs_histogram_first(0), 0);
    for (unsigned bucket = 0; bucket < RS_HISTOGRAM_BUCKETS; bucket++) {
        uint64_t first = rs_histogram_first(bucket), last = rs_histogram_last(bucket);

        ck_assert_uint_le(first, last);
        ck_assert_uint_eq(rs_histogram_bucket(first), bucket);
        ck_assert_uint_eq(rs_histogram_bucket(last), bucket);
        ck_assert_uint_eq(last + 1,
                          bucket + 1 < RS_HISTOGRAM_BUCKETS ? rs_histogram_first(bucket + 1) : 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram");

    UNIT_ADD(suite, small_values_are_exact);
    UNIT_ADD(suite, buckets_have_no_gaps);
    UNIT_ADD_ROWS(suite, large_values_are_near, values);
    return unit_run(suite);
}
