/* SPDX-License-Identifier: MIT
 * The ACPI tables of the PC. */
#include "acpi_tables.h"

#include "acpi_pm.h"

#include <ringscope/layout.h>
#include <string.h>

#define PACKED __attribute__((packed))

struct rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
} PACKED;

struct header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char oem[6], oem_table[8];
    uint32_t oem_revision;
    char creator[4];
    uint32_t creator_revision;
} PACKED;

struct fadt {
    struct header header;
    uint32_t facs, dsdt;
    uint8_t reserved1, profile;
    uint16_t sci;
    uint32_t smi_command;
    uint8_t acpi_enable, acpi_disable, s4bios, pstate;
    uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, timer, gpe0, gpe1;
    uint8_t pm1_event_length, pm1_control_length, pm2_control_length, timer_length;
    uint8_t gpe0_length, gpe1_length, gpe1_base, cst;
    uint16_t c2_latency, c3_latency, flush_size, flush_stride;
    uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
    uint16_t iapc_boot;
    uint8_t reserved2;
    uint32_t flags;
} PACKED;
_Static_assert(sizeof(struct fadt) == 116, "the FADT of revision 1");

struct facs {
    char signature[4];
    uint32_t length, hardware_signature, waking_vector, global_lock, flags;
    uint8_t reserved[40];
} PACKED;
_Static_assert(offsetof(struct facs, waking_vector) == RS_ACPI_FACS_WAKING_VECTOR,
               "where a machine goes on");

struct madt {
    struct header header;
    uint32_t lapic, flags;
} PACKED;

struct madt_lapic {
    uint8_t type, length, processor, apic;
    uint32_t flags;
} PACKED;

struct madt_ioapic {
    uint8_t type, length, id, reserved;
    uint32_t address, gsi;
} PACKED;

struct madt_override {
    uint8_t type, length, bus, source;
    uint32_t gsi;
    uint16_t flags;
} PACKED;

struct madt_nmi {
    uint8_t type, length, processor;
    uint16_t flags;
    uint8_t lint;
} PACKED;

enum {
    MADT_LAPIC,
    MADT_IOAPIC,
    MADT_OVERRIDE,
    MADT_NMI = 4
};
#define FADT_WBINVD 0x1u
#define FADT_HLT_C1 0x4u
#define FADT_SLEEP_BUTTON 0x20u    /* there is none */
#define FADT_POWER_BUTTON 0x10u    /* there is none */
#define FADT_C_STATE_ABSENT 0xffff /* latencies that say so, above 100 and 1000 */
#define MADT_PCAT_COMPAT 1u        /* there are two 8259s */
#define LAPIC_ENABLED 1u
#define OVERRIDE_LEVEL_HIGH 0x000d
#define NMI_ALL 0xff
#define NMI_LINT 1

/* Name (_S3_, Package () {1, 1, 0, 0}), Name (_S5_, Package () {0, 0, 0, 0}): the SLP_TYP of each
 * state. "ACPI Machine Language (AML) Specification". */
static const uint8_t sleep_states[] = {
    0x08, '_', 'S', '3', '_', 0x12, 0x06, 0x04, RS_ACPI_SLEEP_S3,  RS_ACPI_SLEEP_S3,  0x00, 0x00,
    0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, RS_ACPI_SLEEP_OFF, RS_ACPI_SLEEP_OFF, 0x00, 0x00,
};

struct builder {
    uint8_t *bytes;
    uint32_t gpa;
    uint32_t used;
};

/* 16 is as much as any of the tables asks for; the FACS lies at an address it has to itself. */
static void *take(struct builder *builder, size_t size, uint32_t *gpa)
{
    void *place = builder->bytes + builder->used;

    *gpa = builder->gpa + builder->used;
    builder->used = (builder->used + (uint32_t)size + 15) & ~UINT32_C(15);
    return place;
}

static uint8_t checksum(const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + byte[i]);
    return (uint8_t)-sum;
}

static void finish(struct header *header, const char *signature, uint8_t revision, size_t length)
{
    memcpy(header->signature, signature, 4);
    header->length = (uint32_t)length;
    header->revision = revision;
    memcpy(header->oem, "RINGSC", 6);
    memcpy(header->oem_table, "RINGSCPC", 8);
    header->oem_revision = 1;
    memcpy(header->creator, "RSCP", 4);
    header->creator_revision = 1;
    header->checksum = checksum(header, length);
}

static uint32_t put_dsdt(struct builder *builder)
{
    uint32_t gpa;
    struct header *dsdt = take(builder, sizeof(*dsdt) + sizeof(sleep_states), &gpa);

    memcpy(dsdt + 1, sleep_states, sizeof(sleep_states));
    finish(dsdt, "DSDT", 1, sizeof(*dsdt) + sizeof(sleep_states));
    return gpa;
}

static uint32_t put_facs(struct builder *builder)
{
    uint32_t gpa;
    struct facs *facs;

    builder->used = RS_ACPI_FACS;
    facs = take(builder, sizeof(*facs), &gpa);
    memcpy(facs->signature, "FACS", 4);
    facs->length = sizeof(*facs);
    return gpa;
}

static uint32_t put_fadt(struct builder *builder, uint32_t facs, uint32_t dsdt)
{
    uint32_t gpa;
    struct fadt *fadt = take(builder, sizeof(*fadt), &gpa);

    fadt->facs = facs;
    fadt->dsdt = dsdt;
    fadt->sci = RS_ACPI_SCI;
    fadt->pm1a_event = RS_PORT_ACPI_PM1A_EVENT;
    fadt->pm1a_control = RS_PORT_ACPI_PM1A_CONTROL;
    fadt->timer = RS_PORT_ACPI_PM_TIMER;
    fadt->pm1_event_length = 4;
    fadt->pm1_control_length = 2;
    fadt->timer_length = 4;
    fadt->c2_latency = fadt->c3_latency = FADT_C_STATE_ABSENT;
    fadt->century = 0x32;
    fadt->flags = FADT_WBINVD | FADT_HLT_C1 | FADT_POWER_BUTTON | FADT_SLEEP_BUTTON;
    finish(&fadt->header, "FACP", 1, sizeof(*fadt));
    return gpa;
}

static uint32_t put_madt(struct builder *builder, unsigned cpus)
{
    uint32_t gpa, ignored;
    struct madt *madt = take(builder, 0, &gpa);
    uint8_t *next = (uint8_t *)(madt + 1);

    madt->lapic = (uint32_t)RS_GPA_LAPIC;
    madt->flags = MADT_PCAT_COMPAT;
    for (unsigned i = 0; i < cpus; i++, next += sizeof(struct madt_lapic))
        memcpy(next,
               &(struct madt_lapic){MADT_LAPIC, sizeof(struct madt_lapic), (uint8_t)i, (uint8_t)i,
                                    LAPIC_ENABLED},
               sizeof(struct madt_lapic));
    memcpy(next,
           &(struct madt_ioapic){MADT_IOAPIC, sizeof(struct madt_ioapic), 0, 0,
                                 (uint32_t)RS_GPA_IOAPIC, 0},
           sizeof(struct madt_ioapic));
    next += sizeof(struct madt_ioapic);
    memcpy(next,
           &(struct madt_override){MADT_OVERRIDE, sizeof(struct madt_override), 0, RS_ACPI_SCI,
                                   RS_ACPI_SCI, OVERRIDE_LEVEL_HIGH},
           sizeof(struct madt_override));
    next += sizeof(struct madt_override);
    memcpy(next, &(struct madt_nmi){MADT_NMI, sizeof(struct madt_nmi), NMI_ALL, 0, NMI_LINT},
           sizeof(struct madt_nmi));
    next += sizeof(struct madt_nmi);
    finish(&madt->header, "APIC", 1, (size_t)(next - (uint8_t *)madt));
    take(builder, madt->header.length, &ignored);
    return gpa;
}

void rs_acpi_tables(uint8_t *bytes, uint32_t gpa, unsigned cpus)
{
    struct builder builder = {bytes, gpa, 0};
    uint32_t at, facs, entries[2], rsdt_gpa;
    struct rsdp *rsdp;
    struct header *rsdt;

    memset(bytes, 0, RS_ACPI_TABLES_SIZE);
    rsdp = take(&builder, sizeof(*rsdp), &at);
    facs = put_facs(&builder);
    entries[0] = put_fadt(&builder, facs, put_dsdt(&builder));
    entries[1] = put_madt(&builder, cpus);
    rsdt = take(&builder, sizeof(*rsdt) + sizeof(entries), &rsdt_gpa);
    memcpy(rsdt + 1, entries, sizeof(entries));
    finish(rsdt, "RSDT", 1, sizeof(*rsdt) + sizeof(entries));
    memcpy(rsdp->signature, "RSD PTR ", 8);
    memcpy(rsdp->oem, "RINGSC", 6);
    rsdp->rsdt = rsdt_gpa;
    rsdp->checksum = checksum(rsdp, sizeof(*rsdp));
}
