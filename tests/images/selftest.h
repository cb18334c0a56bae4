/* SPDX-License-Identifier: MIT
 * What the files of the selftest kernel share. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdint.h>

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint16_t in16(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t in32(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* boot_info.c: what the boot loader said, whatever the protocol. */
struct boot {
    const char *protocol, *command_line;
    uint32_t memory_kib; /* usable from 1 MiB on */
    uint32_t low_kib;    /* usable from 0 on */
    const char *module;  /* its text */
    uint32_t module_size;
};
void boot_read(unsigned long magic, unsigned long info, struct boot *boot);

/* console.c */
void print(const char *text);
void print_number(uint32_t number);

/* selftest.c */
void check(int holds, const char *claim);

/* faults.c; full: no entry of the page tables' root is left free */
void check_faults(int full);

/* ports.c, clocks.c, acpi.c */
void check_ports(void);
void check_clocks(void);
void check_acpi(void);
uint16_t acpi_control_port(void);

#endif
