/* SPDX-License-Identifier: MIT
 * The list and the output of kvm-unit-tests: any bytes. */
#include <string.h>

#include "fuzz.h"
#include "kut/config.h"
#include "kut/plan.h"
#include "kut/result.h"

static const struct rs_kut_limits limits = {
    .cpus_max = 16, .memory_max = UINT64_C(3) << 30, .memory_default = 128 << 20, .now = 1};

static void list(const char *text, size_t size)
{
    struct rs_kut_config config;
    struct rs_error error;
    struct rs_kut_plan plan;

    error.message[0] = '\0';
    if (rs_kut_config_parse("list", text, size, &config, &error) != 0)
        FUZZ_CHECK(error.message[0] && !strchr(error.message, '\n'));
    for (size_t i = 0; i < config.count; i++) {
        rs_kut_plan(&config.tests[i], &limits, &plan);
        FUZZ_CHECK(plan.timeout > 0);
        FUZZ_CHECK(plan.reason[0] || (plan.memory > 0 && plan.memory <= limits.memory_max));
        FUZZ_CHECK(plan.reason[0] || (plan.cpus >= 1 && plan.cpus <= limits.cpus_max));
    }
    rs_kut_config_free(&config);
}

static void output(const char *text, size_t size, int status)
{
    struct rs_kut_result result;

    rs_kut_result_of(text, size, status, 1, &result);
    for (const char *next = result.why; *next; next++)
        FUZZ_CHECK(*next >= ' ' && *next <= '~');
    FUZZ_CHECK(strlen(result.why) < sizeof(result.why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] & 1)
        list((const char *)data + 1, size - 1);
    else
        output((const char *)data + 1, size - 1, data[0] >> 1);
    return 0;
}
