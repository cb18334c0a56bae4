/* SPDX-License-Identifier: MIT
 * Expectations on the trace: said on the console, judged by `ringscope test`. */
#include <ringscope/test.h>

static unsigned number;

bool test_trace_begin(const char *claim, const char *const *lines)
{
    tap_expectation();
    printf("# expect-trace %u: %s%s%s\n", ++number, claim, tap_directive(), tap_deviation_id());
    for (; *lines; lines++)
        printf("#   %s\n", *lines);
    test_trace_mark(number, true);
    return true;
}

bool test_trace_end(void)
{
    test_trace_mark(number, false);
    return false;
}
