/* SPDX-License-Identifier: MIT
 * The ACPI tables of the PC: what a kernel finds its processors and its power management by. */
#ifndef RINGSCOPE_ACPI_TABLES_H
#define RINGSCOPE_ACPI_TABLES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Source: "Advanced Configuration and Power Interface Specification 6.5", "ACPI Software
 * Programming Model"; the FADT is that of revision 1. RSDP, RSDT, FADT, FACS, MADT and a DSDT with
 * \_S3 and \_S5 alone.
 */
#define RS_ACPI_TABLES_SIZE 0x4000 /* room for RS_ACPI_CPUS_MAX processors */
#define RS_ACPI_CPUS_MAX 255       /* what 8-bit APIC identifiers tell */
#define RS_ACPI_SCI 9              /* the interrupt of the fixed hardware */

/* Offset of the FACS, and in it of the address at which a machine goes on after S3. */
#define RS_ACPI_FACS 0x40
#define RS_ACPI_FACS_WAKING_VECTOR 12

/* Fills RS_ACPI_TABLES_SIZE bytes that will lie at `gpa`, below 1 MiB and a multiple of 16; the
 * RSDP is the first. `cpus` is 1..RS_ACPI_CPUS_MAX; APIC identifiers count from 0. */
void rs_acpi_tables(uint8_t *bytes, uint32_t gpa, unsigned cpus);

#endif
