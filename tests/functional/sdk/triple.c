/* SPDX-License-Identifier: MIT
 * A bare test: a triple fault, or with no IDT entry wrong claims about faults. */
#include <ringscope/test0.h>

int main(int argc, char **argv)
{
    static const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } nothing = {0, 0};

    (void)argc;
    (void)argv;
#ifdef WRONG
    EXPECT_FAULT("ud2", RS_VECTOR_GP, 0);
    EXPECT_NO_FAULT("movl %0, %%ds", "r"(0xfff8));
    return test_done();
#endif
    __asm__ volatile("lidt %0; ud2" : : "m"(nothing));
    return test_done();
}
