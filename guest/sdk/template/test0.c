/* SPDX-License-Identifier: MIT
 * A test at CPL 0: a kernel of its own. Build and run it:
 *
 *   cc -o NAME NAME.c $(pkg-config --cflags --libs ringscope-test0)
 *   ringscope test ./NAME
 */
#include <ringscope/test0.h>

int main(int argc, char **argv)
{
    uint64_t efer = 0;

    (void)argc;
    (void)argv;
    EXPECT_EQUAL(rdmsr_safe(MSR_EFER, &efer), TEST_NO_FAULT);
    test_claim((efer & EFER_LMA) != 0, "long mode is active");
    EXPECT_EQUAL(rdmsr_safe(0xdeadbeef, &efer), TEST_FAULT(RS_VECTOR_GP, 0));

    EXPECT_FAULT("ud2", RS_VECTOR_UD, 0);
    EXPECT_FAULT("movl %0, %%ds", RS_VECTOR_GP, 0xfff8, "r"(0xfff8));
    EXPECT_FAULT("movq %0, %%cr0", RS_VECTOR_GP, 0, "r"(UINT64_C(1) << 31));
    EXPECT_NO_FAULT("nop");
    return test_done();
}
