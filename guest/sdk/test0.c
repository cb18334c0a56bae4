/* SPDX-License-Identifier: MIT
 * What bare tests stand on: the IDT, and the way from the start to main(). */

#include "ring0.h"

#include <ringscope/layout.h>

#define VECTORS 32
#define STUB_SIZE 16
#define INTERRUPT_GATE 0x8e00u

extern const uint8_t test_stubs[];

_Noreturn void test_start(uint64_t boot_info);
void test_trap(struct test_registers *registers);

static uint64_t idt[VECTORS][2];

/* SDM Vol. 3A, "64-Bit Mode IDT". */
static void load_idt(void)
{
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } pointer = {sizeof(idt) - 1, (uint64_t)idt};

    for (unsigned vector = 0; vector < VECTORS; vector++) {
        uint64_t offset = (uint64_t)test_stubs + vector * STUB_SIZE;

        idt[vector][0] = (offset & 0xffff) | (uint64_t)KGDT64_R0_CODE << 16 |
                         (uint64_t)INTERRUPT_GATE << 32 | (offset >> 16 & 0xffff) << 48;
        idt[vector][1] = offset >> 32;
    }
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

_Noreturn void test_start(uint64_t boot_info)
{
    static char name[] = "test";
    char *arguments[] = {name, NULL};

    (void)boot_info;
    load_idt();
    test_end((uint32_t)main(1, arguments));
}

void test_trap(struct test_registers *registers)
{
    if (!test_recover(registers))
        test_fault_unexpected(registers);
}
