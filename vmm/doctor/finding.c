/* SPDX-License-Identifier: MIT
 * Findings: what measuring a claim found, in words. */
#include "claim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *rs_status_text(enum rs_status status)
{
    static const char *const texts[RS_STATUS_COUNT] = {
#define X(name, text, meaning) text,
        RS_STATUSES(X)
#undef X
    };

    return texts[status];
}

void rs_finding_observe(struct rs_finding *finding, const char *format, ...)
{
    size_t used = strlen(finding->observed);
    va_list arguments;

    if (used > 0 && used + 3 < sizeof(finding->observed)) {
        memcpy(finding->observed + used, "; ", 3);
        used += 2;
    }
    va_start(arguments, format);
    vsnprintf(finding->observed + used, sizeof(finding->observed) - used, format, arguments);
    va_end(arguments);
}

void rs_finding_differ(struct rs_finding *finding, const char *field, const char *expected,
                       const char *got)
{
    struct rs_difference *difference;

    if (finding->status == RS_STATUS_OK)
        finding->status = RS_STATUS_DEPARTS;
    if (finding->difference_count == RS_DIFFERENCES_MAX)
        return;
    difference = &finding->differences[finding->difference_count++];
    snprintf(difference->field, sizeof(difference->field), "%s", field);
    snprintf(difference->expected, sizeof(difference->expected), "%s", expected);
    snprintf(difference->got, sizeof(difference->got), "%s", got);
}

void rs_finding_differ_value(struct rs_finding *finding, const char *field, uint64_t expected,
                             uint64_t got)
{
    char expected_text[24], got_text[24];

    snprintf(expected_text, sizeof(expected_text), "%#" PRIx64, expected);
    snprintf(got_text, sizeof(got_text), "%#" PRIx64, got);
    rs_finding_differ(finding, field, expected_text, got_text);
}

void rs_finding_set(struct rs_finding *finding, enum rs_status status, const char *format, ...)
{
    va_list arguments;

    finding->status = status;
    va_start(arguments, format);
    vsnprintf(finding->observed, sizeof(finding->observed), format, arguments);
    va_end(arguments);
}

void rs_finding_not_sdm(struct rs_finding *finding)
{
    if (finding->status == RS_STATUS_DEPARTS)
        finding->status = RS_STATUS_ABSENT;
}
