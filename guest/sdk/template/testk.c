/* SPDX-License-Identifier: MIT
 * A test at CPL 0 inside of ringscope's kernel, linked with it. Build and run it:
 *
 *   cc -o NAME NAME.c $(pkg-config --cflags --libs ringscope-testk)
 *   ringscope test ./NAME
 */
#include <ringscope/testk.h>

#include <cpu.h>
#include <ke.h>
#include <mm.h>

int main(int argc, char **argv)
{
    uint64_t lstar = 0, frame;

    (void)argc;
    (void)argv;
    EXPECT_EQUAL(rdmsr_safe(MSR_LSTAR, &lstar), TEST_NO_FAULT);
    EXPECT_EQUAL(lstar, KiKvaShadow ? KiSystemCall64Shadow : KiSystemCall64);
    EXPECT_FAULT("ud2", RS_VECTOR_UD, 0);
    EXPECT_FAULT("movq (%0), %%rax", RS_VECTOR_PF, 0, "S"(RS_GVA_MODULE + RS_MODULE_MAX));

    frame = MiAllocateFrame();
    test_claim(frame != 0, "there is a page frame");
    EXPECT_EQUAL(*(uint64_t *)MmPhysical(frame), 0);
    MiFreeFrame(frame);
    return test_done();
}
