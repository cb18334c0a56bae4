/* SPDX-License-Identifier: MIT
 * How many processors there are, when no ringscope says so: ACPI's MADT does. */

#include "apic.h"
#include "mm.h"
#include "processor.h"
#include "pvh.h"

#include <rtl.h>

/* ACPI Specification 6.4, "Root System Description Pointer", "System Description Table Header",
 * "Multiple APIC Description Table". */
struct rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
};

struct table {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char oem[6], oem_table[8];
    uint32_t oem_revision, creator, creator_revision;
};

#define MADT_ENTRIES 44
#define MADT_LOCAL_APIC 0

struct local_apic {
    uint8_t type, length, processor, apic_id;
    uint32_t flags; /* bit 0: enabled */
};

/* NULL: not where the direct map reaches. */
static const void *at(uint64_t gpa, uint64_t size)
{
    return gpa && gpa < RS_RAM_MAX && size <= RS_RAM_MAX - gpa ? MmPhysical(gpa) : NULL;
}

static const struct table *table_at(uint64_t gpa)
{
    const struct table *table = at(gpa, sizeof(*table));

    return table && table->length >= sizeof(*table) && at(gpa, table->length) ? table : NULL;
}

static bool is(const struct table *table, const char *signature)
{
    return memcmp(table->signature, signature, sizeof(table->signature)) == 0;
}

/* The RSDT has addresses of 32 bits: QEMU's tables lie below 4 GiB. */
static const struct table *find_madt(uint64_t rsdp_gpa)
{
    const struct rsdp *rsdp = at(rsdp_gpa, sizeof(*rsdp));
    const struct table *rsdt = rsdp ? table_at(rsdp->rsdt) : NULL;

    if (!rsdt || !is(rsdt, "RSDT"))
        return NULL;
    for (uint32_t at = sizeof(*rsdt); at + 4 <= rsdt->length; at += 4) {
        const struct table *table;
        uint32_t gpa;

        memcpy(&gpa, (const uint8_t *)rsdt + at, sizeof(gpa));
        table = table_at(gpa);
        if (table && is(table, "APIC"))
            return table;
    }
    return NULL;
}

/* The one that runs comes first, whatever its place in the table. */
static uint32_t take_local_apic(const struct local_apic *entry, uint32_t count)
{
    if (!(entry->flags & 1) || entry->apic_id == KiApicIds[0] || count == RS_CPUS_MAX)
        return count;
    KiApicIds[count] = entry->apic_id;
    return count + 1;
}

uint32_t KiFindProcessors(uint64_t rsdp_gpa)
{
    const struct table *madt = find_madt(rsdp_gpa);
    uint32_t count = 1;

    KiApicIds[0] = (uint8_t)KiReadApicId();
    for (uint32_t offset = MADT_ENTRIES; madt && offset + 2 <= madt->length;) {
        const struct local_apic *entry =
            (const struct local_apic *)((const uint8_t *)madt + offset);

        if (entry->length < 2 || entry->length > madt->length - offset)
            break;
        if (entry->type == MADT_LOCAL_APIC && entry->length >= sizeof(*entry))
            count = take_local_apic(entry, count);
        offset += entry->length;
    }
    return count;
}
