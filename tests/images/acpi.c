/* SPDX-License-Identifier: MIT
 * A walk through the ACPI tables, and the PM timer that the FADT tells of. */
#include "selftest.h"

static const char *at(uint32_t address)
{
    return (const char *)(unsigned long)address;
}

static uint32_t field(const char *base, unsigned offset)
{
    return *(const uint32_t *)(base + offset);
}

static int same(const char *a, const char *b, unsigned size)
{
    while (size--)
        if (*a++ != *b++)
            return 0;
    return 1;
}

static int sums_to_zero(const char *bytes, uint32_t size)
{
    uint8_t sum = 0;

    while (size--)
        sum = (uint8_t)(sum + *bytes++);
    return sum == 0;
}

static const char *find_rsdp(void)
{
    for (uint32_t address = 0xe0000; address < 0x100000; address += 16)
        if (same(at(address), "RSD PTR ", 8))
            return at(address);
    return 0;
}

static const char *find_table(const char *signature)
{
    const char *rsdp = find_rsdp();
    const char *rsdt = rsdp ? at(field(rsdp, 16)) : 0;

    for (uint32_t i = 36; rsdt && i + 4 <= field(rsdt, 4); i += 4)
        if (same(at(field(rsdt, i)), signature, 4))
            return at(field(rsdt, i));
    return 0;
}

uint16_t acpi_control_port(void)
{
    const char *fadt = find_table("FACP");

    return fadt ? (uint16_t)field(fadt, 64) : 0;
}

static void check_madt(const char *madt)
{
    unsigned processors = 0, ioapics = 0;

    for (uint32_t i = 44; i < field(madt, 4); i += (uint8_t)madt[i + 1]) {
        processors += madt[i] == 0;
        ioapics += madt[i] == 1;
    }
    print("# MADT: processors: ");
    print_number(processors);
    print("\n");
    check(processors >= 1 && ioapics == 1, "MADT: processors and an IOAPIC");
}

static void check_timer(uint16_t port)
{
    uint32_t before = in32(port), now = before;

    for (unsigned i = 0; i < 1000 && now == before; i++)
        now = in32(port);
    check(now != before && now < 1u << 24, "the PM timer runs, with 24 bits");
}

void check_acpi(void)
{
    const char *rsdp = find_rsdp(), *fadt = find_table("FACP"), *madt = find_table("APIC");

    check(rsdp && sums_to_zero(rsdp, 20), "RSDP");
    check(fadt && sums_to_zero(fadt, field(fadt, 4)), "FADT");
    check(madt && sums_to_zero(madt, field(madt, 4)), "MADT");
    if (!fadt || !madt)
        return;
    check(same(at(field(fadt, 36)), "FACS", 4), "FACS");
    check(same(at(field(fadt, 40)), "DSDT", 4) &&
              sums_to_zero(at(field(fadt, 40)), field(at(field(fadt, 40)), 4)),
          "DSDT");
    check_madt(madt);
    check_timer((uint16_t)field(fadt, 76));
}
