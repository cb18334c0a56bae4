/* SPDX-License-Identifier: MIT
 * A test inside of the bundled kernel: its faults, its trace, what it finds there. With WRONG a
 * fault that nobody expects. */
#include <ringscope/testk.h>

#include <cpu.h>
#include <ke.h>
#include <mm.h>

int main(int argc, char **argv)
{
    uint64_t pages = MmFreePages(), frame = MiAllocateFrame();

    (void)argc;
    (void)argv;
    test_claim(frame != 0, "there is a page frame");
    EXPECT_EQUAL(MmFreePages(), pages - 1);
    MiFreeFrame(frame);
    EXPECT_EQUAL(MmFreePages(), pages);
    EXPECT_EQUAL(KiInitialPcr.Self, &KiInitialPcr);
    EXPECT_FAULT("movl %0, %%ds", RS_VECTOR_GP, 0xfff8, "r"(0xfff8));
    EXPECT_EQUAL(test_registers.cs, KGDT64_R0_CODE);
    EXPECT_FAULT("movb $1, (%0)", RS_VECTOR_PF, 3, "S"(main));
    EXPECT_TRACE("INT3 in the kernel", "EXC #BP from 0 on same", "IRET #BP to 0")
    {
        TEST_TRY("int3");
    }
#ifdef WRONG
    __asm__ volatile("ud2");
#endif
    return test_done();
}
