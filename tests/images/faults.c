/* SPDX-License-Identifier: MIT
 * An IDT, faults that go through it, and what a kernel may do to its entries while they are in use.
 * 64 bits alone. */
#include "selftest.h"

#ifndef __x86_64__
void check_faults(int full)
{
    (void)full;
}
#else

struct frame {
    uint64_t ip, cs, flags, sp, ss;
};

struct gate {
    uint16_t offset_low, selector, attributes, offset_middle;
    uint32_t offset_high, reserved;
};

#define PRESENT 0x8000
#define INTERRUPT_GATE 0x8e00
#define VECTOR_DE 0
#define VECTOR_UD 6

static volatile struct gate idt[32];
static volatile unsigned undefined, divided, others;

static __attribute__((interrupt)) void on_undefined(struct frame *frame)
{
    undefined++;
    frame->ip += 2; /* UD2 */
}

static __attribute__((interrupt)) void on_other_undefined(struct frame *frame)
{
    others++;
    frame->ip += 2;
}

static __attribute__((interrupt)) void on_divided(struct frame *frame)
{
    divided++;
    frame->ip += 2; /* DIV ECX */
}

static void set_gate(unsigned vector, void (*handler)(struct frame *))
{
    uint64_t offset = (uint64_t)handler;

    idt[vector].offset_low = (uint16_t)offset;
    idt[vector].offset_middle = (uint16_t)(offset >> 16);
    idt[vector].offset_high = (uint32_t)(offset >> 32);
    idt[vector].selector = 0x10;
    idt[vector].attributes = INTERRUPT_GATE;
}

/* Leaves nothing free where a tracer may want an entry. */
static void fill_root(void)
{
    uint64_t *root;

    __asm__ volatile("movq %%cr3, %0" : "=r"(root));
    for (unsigned i = 256; i < 512; i++)
        root[i] = root[0];
}

static void divide_by_zero(void)
{
    __asm__ volatile("xorl %%ecx, %%ecx\n\tdivl %%ecx" : : : "eax", "ecx", "edx");
}

void check_faults(int full)
{
    const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) idtr = {sizeof(idt) - 1, (uint64_t)idt};

    if (full)
        fill_root();
    set_gate(VECTOR_DE, on_divided);
    set_gate(VECTOR_UD, on_undefined);
    __asm__ volatile("lidt %0" : : "m"(idtr));
    print("# an IDT\n");
    __asm__ volatile("ud2" : : : "memory");
    divide_by_zero();
    check(undefined == 1 && divided == 1, "#UD and #DE reach their handlers, which return");
    set_gate(VECTOR_UD, on_other_undefined);
    print("# another handler\n");
    __asm__ volatile("ud2" : : : "memory");
    check(others == 1, "#UD reaches the handler that was written into the IDT in use");
    idt[VECTOR_UD].attributes &= (uint16_t)~PRESENT;
    print("# not present\n");
    idt[VECTOR_UD].attributes |= PRESENT;
    print("# present again\n");
    __asm__ volatile("ud2" : : : "memory");
    check(others == 2, "and when its present bit was off and on again");
}
#endif
