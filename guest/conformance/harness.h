/* SPDX-License-Identifier: MIT
 * Harness of the conformance claims: one claim is one file, with CLAIM() once in it. */
#ifndef HARNESS_H
#define HARNESS_H

#include <ntdll.h>
#include <ringscope/layout.h>
#include <ringscope/nt/services.h>
#include <ringscope/x86/cpu.h>

/* Addresses that no claim maps, and values that cannot be addresses. */
#define UNMAPPED 0x600000000
#define KERNEL 0xfffff80140000000
#define NON_CANONICAL 0x8000000000000000

struct raw_registers;

/* All registers but RSP have values of their own; RAX and RFLAGS are as given. */
void fill_registers(struct raw_registers *registers, uint64_t rax, uint64_t rflags);

struct claim {
    const char *file;
    void (*run)(void);
};

/* The claims are an array that the linker makes of the files; the name is the file's. */
#define CLAIM()                                                                                    \
    static void claim(void);                                                                       \
    static const struct claim this_claim                                                           \
        __attribute__((used, section("claims"))) = {__FILE_NAME__, claim};                         \
    static void claim(void)

/* Exceptions since the claim began, the first SEEN_MAX of them in full. */
#define SEEN_MAX 4

struct seen {
    struct exception_record record;
    struct context context;
};

extern struct seen seen[SEEN_MAX];
extern unsigned seen_count;

/* What PROVOKE announces: where the instruction is, and where the handler lets it go on. */
extern const void *provoked, *resume;

/* When set, the handler passes every exception on. */
extern bool decline_exceptions;

/* Called for each exception after the resume address was put in; a claim may set it. */
extern void (*on_exception)(struct exception_pointers *exception);

/*
 * Executes `setup`, then `instruction`, which raises; the handler goes on behind it. Both may use
 * all registers that C does not keep, and the operands that follow; TF, AC and DF are cleared.
 */
#define PROVOKE(setup, instruction, ...)                                                           \
    __asm__ volatile("leaq 1f(%%rip), %%r11\n\tmovq %%r11, %[provoked]\n\t"                        \
                     "leaq 2f(%%rip), %%r11\n\tmovq %%r11, %[resume]\n\t" setup                    \
                     "\n1:\t" instruction "\n2:"                                                   \
                     : [provoked] "=m"(provoked), [resume] "=m"(resume)                            \
                     : __VA_ARGS__                                                                 \
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0",        \
                       "xmm1", "cc", "memory")

/* Every expectation that fails is told by name, with both values. */
bool expect_equal(const char *what, uint64_t got, uint64_t expected);
bool expect_status(const char *what, NTSTATUS got, NTSTATUS expected);
bool expect_true(const char *what, bool holds);
/* Exactly one exception: its status, and its address is that of the provoked instruction. */
bool expect_raised(NTSTATUS status);
/* The same for one that is reported behind the provoked instruction. */
bool expect_raised_behind(NTSTATUS status);
/* The record of an access violation: kind of access, address. */
bool expect_access(uint64_t kind, uint64_t address);

#define EXPECT(condition) expect_true(#condition, condition)
#define EXPECT_EQUAL(got, expected) expect_equal(#got, got, expected)
#define EXPECT_STATUS(got, expected) expect_status(#got, got, expected)

void set_skip(const char *reason);
void set_error(const char *reason);

/* The host cannot show it, for a reason that the program itself has measured. */
#define SKIP(reason)                                                                               \
    do {                                                                                           \
        set_skip(reason);                                                                          \
        return;                                                                                    \
    } while (0)

/* What the claim needs in order to be tested: without it the outcome is an error. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            set_error(#condition);                                                                 \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* One touched page below 4 GiB, with that protection; NULL when there is none. */
uint8_t *page_alloc(uint32_t protection);
void page_free(void *page);
NTSTATUS page_protect(void *page, uint32_t protection);

#endif
