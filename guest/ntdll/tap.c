/* SPDX-License-Identifier: MIT
 * Test harness of ring-3 programs. */

#include "tap.h"

#include "ntdll.h"

#define LINE_MAX 200 /* longer claims are cut */

static unsigned results, failures, expectations;
static const char *deviation; /* whose claims these are, or NULL */

void tap_deviation(const char *line)
{
    deviation = line;
}

/* An outcome that a line of doctor may excuse is a TO-DO of TAP. */
const char *tap_directive(void)
{
    return deviation ? " # TODO deviation " : "";
}

const char *tap_deviation_id(void)
{
    return deviation ? deviation : "";
}

void tap_expectation(void)
{
    expectations++;
}

__attribute__((format(printf, 2, 0))) static bool report(bool passed, const char *claim,
                                                         va_list arguments)
{
    char text[LINE_MAX];

    results++;
    failures += !passed && !deviation;
    vsnprintf(text, sizeof(text), claim, arguments);
    printf("%s %u - %s%s%s\n", passed ? "ok" : "not ok", results, text, tap_directive(),
           tap_deviation_id()); /* one write for a line */
    return passed;
}

bool tap_ok(bool passed, const char *claim, ...)
{
    va_list arguments;

    va_start(arguments, claim);
    report(passed, claim, arguments);
    va_end(arguments);
    return passed;
}

bool tap_status(NTSTATUS got, NTSTATUS expected, const char *claim, ...)
{
    va_list arguments;

    va_start(arguments, claim);
    report(got == expected, claim, arguments);
    va_end(arguments);
    if (got != expected)
        printf("# status: expected 0x%08x, got 0x%08x\n", (unsigned)expected, (unsigned)got);
    return got == expected;
}

bool tap_equal(uint64_t got, uint64_t expected, const char *claim, ...)
{
    va_list arguments;

    va_start(arguments, claim);
    report(got == expected, claim, arguments);
    va_end(arguments);
    if (got != expected)
        printf("# expected 0x%lx, got 0x%lx\n", expected, got);
    return got == expected;
}

void tap_skip(const char *claim, const char *reason)
{
    results++;
    printf("ok %u - %s # SKIP %s\n", results, claim, reason);
}

int tap_done(void)
{
    printf("1..%u\n", results);
    return results + expectations == 0 ? 2 : failures != 0;
}
