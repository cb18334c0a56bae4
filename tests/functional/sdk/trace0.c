/* SPDX-License-Identifier: MIT
 * Expectations on the trace of code at CPL 0. */
#include <ringscope/test0.h>

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    EXPECT_TRACE("UD2 and its return", "EXC #UD from 0 on same", "IRET #UD to 0")
    {
        TEST_TRY("ud2");
    }
    EXPECT_TRACE("a write of LSTAR", "WRMSR LSTAR")
    {
        wrmsr_safe(MSR_LSTAR, 0x1000);
    }
    return test_done();
}
