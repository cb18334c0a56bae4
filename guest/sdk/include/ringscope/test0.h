/* SPDX-License-Identifier: MIT
 * Writing tests that are kernels of their own: at CPL 0 from the first instruction, in 64-bit mode
 * with interrupts off, RAM mapped at its own address. */
#ifndef RINGSCOPE_TEST0_H
#define RINGSCOPE_TEST0_H

#include <ringscope/test.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

/* A fault in one comparable value: 0 is none. */
#define TEST_FAULT(vector, error) (0x80000000u | (uint32_t)(vector) << 16 | ((error)&0xffffu))
#define TEST_NO_FAULT 0u

/*
 * Executes the instruction; the value is TEST_FAULT() of what it has raised, and execution goes on
 * behind it. The table of such places is a section of its own, .ex_table: see start.S.
 */
#define TEST_TRY(instruction, ...)                                                                 \
    ({                                                                                             \
        test_fault = TEST_NO_FAULT;                                                                \
        __asm__ volatile("1:\t" instruction "\n2:\n"                                               \
                         ".pushsection .ex_table, \"a\"\n\t.quad 1b, 2b\n.popsection"              \
                         :                                                                         \
                         : __VA_ARGS__                                                             \
                         : "rax", "rcx", "rdx", "cc", "memory");                                   \
        test_fault;                                                                                \
    })

/* A claim: it raises this vector with this error code (0 where the vector has none). */
#define EXPECT_FAULT(instruction, vector, error, ...)                                              \
    test_expect_fault(TEST_TRY(instruction, __VA_ARGS__), TEST_FAULT(vector, error), instruction)
#define EXPECT_NO_FAULT(instruction, ...)                                                          \
    test_expect_fault(TEST_TRY(instruction, __VA_ARGS__), TEST_NO_FAULT, instruction)

/* The value is TEST_FAULT() or TEST_NO_FAULT; *value is set when there was none. */
uint32_t rdmsr_safe(uint32_t index, uint64_t *value);
uint32_t wrmsr_safe(uint32_t index, uint64_t value);

/* The registers as a fault has found them; test_registers is filled by each. */
struct test_registers {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
};
extern struct test_registers test_registers;
void test_print_registers(const struct test_registers *registers);

/* For the macros. */
extern volatile uint32_t test_fault;
bool test_expect_fault(uint32_t got, uint32_t expected, const char *instruction);

#endif
