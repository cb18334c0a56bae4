/* SPDX-License-Identifier: MIT
 * Expectations on the trace; `wrong` makes one call more than is expected. A second argument is the
 * line of doctor that a claim, which then fails, depends on. */
#include <ringscope/test3.h>

int main(int argc, char **argv)
{
    bool wrong = argc > 1 && strcmp(argv[1], "wrong") == 0;

    test_claim(true, "it begins");
    EXPECT_TRACE("one call", "SYSCALL NtClose from 3", "SYSRET NtClose = STATUS_INVALID_HANDLE")
    {
        NtClose((HANDLE)0x1230);
        if (wrong)
            NtYieldExecution();
    }
    EXPECT_TRACE("none at all", "none")
    {
        __asm__ volatile("nop");
    }
    if (argc > 2) {
        test_deviation(argv[2]);
        test_claim(strcmp(argv[1], "holds") == 0, "what depends on %s", argv[2]);
        test_deviation(NULL);
        test_claim(true, "what does not");
    }
    return test_done();
}
