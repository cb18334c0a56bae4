/* SPDX-License-Identifier: MIT
 * What tests at CPL 0 have in common, whether they are kernels of their own or modules of the
 * bundled one: faults that are expected, the console, the end. */

#include "ring0.h"

#include <ntdll.h>
#include <ringscope/abi.h>

#define EXIT_ERROR 99

struct place {
    uint64_t at, resume;
};

extern const struct place __start_ex_table[], __stop_ex_table[];

volatile uint32_t test_fault;
struct test_registers test_registers;

static void out_string(const char *text, size_t size)
{
    __asm__ volatile("rep outsb" : "+S"(text), "+c"(size) : "d"(RS_PORT_COM1) : "memory");
}

_Noreturn void test_end(uint32_t status)
{
    for (;;)
        __asm__ volatile("outl %0, %w1" : : "a"(status), "Nd"(RS_PORT_PROGRAM_EXIT));
}

void test_trace_mark(unsigned mark, bool begins)
{
    printf("# trace %u %s\n", mark, begins ? "begins" : "ends");
}

static void put(void *sink, const char *text, size_t size)
{
    (void)sink;
    out_string(text, size);
}

int vprintf(const char *format, va_list arguments)
{
    return RtlFormat(put, NULL, format, arguments);
}

int printf(const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vprintf(format, arguments);
    va_end(arguments);
    return length;
}

struct text {
    char *bytes;
    size_t size, used;
};

static void put_text(void *sink, const char *piece, size_t size)
{
    struct text *text = sink;

    for (size_t i = 0; i < size && text->used + 1 < text->size; i++)
        text->bytes[text->used++] = piece[i];
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    struct text text = {buffer, size, 0};
    int length = RtlFormat(put_text, &text, format, arguments);

    if (size > 0)
        buffer[text.used] = '\0';
    return length;
}

_Noreturn void test_error(const char *format, ...)
{
    va_list arguments;

    printf("Bail out! ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    test_end(EXIT_ERROR);
}

void test_print_registers(const struct test_registers *r)
{
    printf("# rip=%016lx rsp=%016lx rflags=%08lx cs=%04lx ss=%04lx\n"
           "# rax=%016lx rbx=%016lx rcx=%016lx rdx=%016lx\n"
           "# rsi=%016lx rdi=%016lx rbp=%016lx r8=%016lx\n"
           "# r9=%016lx r10=%016lx r11=%016lx r12=%016lx\n"
           "# r13=%016lx r14=%016lx r15=%016lx\n",
           r->rip, r->rsp, r->rflags, r->cs, r->ss, r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi,
           r->rbp, r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15);
}

/* RIP is behind the instruction: SDM Vol. 3A, "Exception Classifications". */
static bool is_trap(uint64_t vector)
{
    return vector == RS_VECTOR_BP || vector == RS_VECTOR_OF;
}

bool test_recover(struct test_registers *registers)
{
    test_registers = *registers;
    for (const struct place *place = __start_ex_table; place < __stop_ex_table; place++) {
        if (registers->rip != (is_trap(registers->vector) ? place->resume : place->at))
            continue;
        test_fault = TEST_FAULT(registers->vector, registers->error);
        registers->rip = place->resume;
        return true;
    }
    return false;
}

_Noreturn void test_fault_unexpected(const struct test_registers *registers)
{
    printf("# vector %lu, error code 0x%lx, where no fault was expected\n", registers->vector,
           registers->error);
    test_print_registers(registers);
    test_error("an unexpected fault");
}

static const char *vector_name(unsigned vector)
{
    static const char *const names[] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD",
                                        "#NM", "#DF", "",    "#TS", "#NP", "#SS", "#GP",
                                        "#PF", "",    "#MF", "#AC", "#MC", "#XM"};

    return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : "?";
}

static void print_fault(const char *what, uint32_t fault)
{
    if (fault == TEST_NO_FAULT)
        printf("# %s: no fault\n", what);
    else
        printf("# %s: %s(0x%x)\n", what, vector_name(fault >> 16 & 0xff), fault & 0xffff);
}

bool test_expect_fault(uint32_t got, uint32_t expected, const char *instruction)
{
    bool good = got == expected;

    if (expected == TEST_NO_FAULT)
        tap_ok(good, "%s raises nothing", instruction);
    else
        tap_ok(good, "%s raises %s", instruction, vector_name(expected >> 16 & 0xff));
    if (!good) {
        print_fault("expected", expected);
        print_fault("got", got);
    }
    return good;
}

uint32_t rdmsr_safe(uint32_t index, uint64_t *value)
{
    uint32_t low = 0, high = 0;

    test_fault = TEST_NO_FAULT;
    __asm__ volatile("1:\trdmsr\n2:\n.pushsection .ex_table, \"a\"\n\t.quad 1b, 2b\n.popsection"
                     : "+a"(low), "+d"(high)
                     : "c"(index)
                     : "memory");
    if (test_fault == TEST_NO_FAULT)
        *value = (uint64_t)high << 32 | low;
    return test_fault;
}

uint32_t wrmsr_safe(uint32_t index, uint64_t value)
{
    test_fault = TEST_NO_FAULT;
    __asm__ volatile("1:\twrmsr\n2:\n.pushsection .ex_table, \"a\"\n\t.quad 1b, 2b\n.popsection"
                     :
                     : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
    return test_fault;
}
