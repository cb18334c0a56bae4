/* SPDX-License-Identifier: MIT
 * Writing tests that run in ring 3, under the bundled kernel: beside test.h all of ntdll.h. */
#ifndef RINGSCOPE_TEST3_H
#define RINGSCOPE_TEST3_H

#include <ntdll.h>
#include <ringscope/nt/services.h>
#include <ringscope/test.h>

/* What the last EXPECT_RAISES() has caught. */
struct test_raised {
    unsigned count;
    struct exception_record record;
    struct context context; /* the registers at the exception */
};
extern struct test_raised test_raised;

/*
 * Executes the instruction, whose operands may be those that follow as in asm. It must raise just
 * one exception, with this status, at its own address; execution goes on behind it. RAX, RCX, RDX
 * and R11 are lost.
 *
 *   EXPECT_RAISES("ud2", STATUS_ILLEGAL_INSTRUCTION);
 *   EXPECT_RAISES("movq %0, %%rax", STATUS_ACCESS_VIOLATION, "m"(*(uint64_t *)0));
 */
#define EXPECT_RAISES(instruction, status, ...)                                                    \
    do {                                                                                           \
        const void *at_, *behind_;                                                                 \
        test_begin_raise();                                                                        \
        __asm__ volatile("leaq 1f(%%rip), %%r11\n\tmovq %%r11, test_resume+8(%%rip)\n\t"           \
                         "leaq 2f(%%rip), %%r11\n\tmovq %%r11, test_resume(%%rip)\n"               \
                         "1:\t" instruction "\n2:"                                                 \
                         :                                                                         \
                         : __VA_ARGS__                                                             \
                         : "rax", "rcx", "rdx", "r11", "cc", "memory");                            \
        behind_ = test_resume[0];                                                                  \
        at_ = test_resume[1];                                                                      \
        test_end_raise(instruction, status, #status, at_, behind_);                                \
    } while (0)

/* A claim that two snapshots of the registers (RtlCaptureContext) are the same, RIP and RSP left
 * out; those that differ are told by name. */
bool test_same_registers(const struct context *before, const struct context *after,
                         const char *claim);

/* For the macro. */
extern const void *test_resume[2];
void test_begin_raise(void);
bool test_end_raise(const char *instruction, NTSTATUS status, const char *name, const void *at,
                    const void *behind);

#endif
