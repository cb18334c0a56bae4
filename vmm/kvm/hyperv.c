/* SPDX-License-Identifier: MIT
 * Hyper-V's interface, as KVM offers it to guests: CPUID leaves, synthetic interrupts. */
#include "hyperv.h"

#include "cpuid.h"
#include "kvm_host.h"
#include "vcpu.h"

#include <errno.h>
#include <ringscope/layout.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* TLFS, "Feature and Interface Discovery". */
#define LEAF_FIRST 0x40000000
#define LEAF_FEATURES 0x40000003
#define LEAF_LAST 0x4000007f
#define LEAF_KVM 0x40000100
#define FEATURES_EBX_DEBUGGING (UINT32_C(1) << 11)
#define FEATURES_EDX_GUEST_DEBUGGING (UINT32_C(1) << 1)
#define FEATURES_EDX_DEBUG_MSRS (UINT32_C(1) << 11)

#define PIC_INPUTS 16
#define IOAPIC_INPUTS 24
#define ROUTES_MAX (PIC_INPUTS + IOAPIC_INPUTS + RS_CPUS_MAX * RS_HYPERV_SINTS)

bool rs_hyperv_offered(int kvm_fd)
{
    return rs_kvm_capability(kvm_fd, KVM_CAP_HYPERV_CPUID) > 0 &&
           rs_kvm_capability(kvm_fd, KVM_CAP_HYPERV_SYNIC) > 0;
}

/* KVM's first leaf says which of its own is the last. */
static void move_own(struct kvm_cpuid2 *cpuid)
{
    for (uint32_t i = 0; i < cpuid->nent; i++) {
        struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

        if (entry->function < LEAF_FIRST || entry->function >= LEAF_KVM)
            continue;
        if (entry->function == LEAF_FIRST && entry->eax >= LEAF_FIRST)
            entry->eax += LEAF_KVM - LEAF_FIRST;
        entry->function += LEAF_KVM - LEAF_FIRST;
    }
}

int rs_hyperv_merge(struct kvm_cpuid2 *cpuid, size_t room, const struct kvm_cpuid2 *offered)
{
    struct kvm_cpuid_entry2 *first = NULL;
    uint32_t last = LEAF_FIRST;

    move_own(cpuid);
    for (uint32_t i = 0; i < offered->nent; i++) {
        struct kvm_cpuid_entry2 *entry = &cpuid->entries[cpuid->nent];

        if (offered->entries[i].function < LEAF_FIRST || offered->entries[i].function > LEAF_LAST)
            continue;
        if (cpuid->nent >= room)
            return -1;
        *entry = offered->entries[i];
        if (entry->function == LEAF_FIRST)
            first = entry;
        if (entry->function == LEAF_FEATURES) {
            entry->ebx &= ~FEATURES_EBX_DEBUGGING;
            entry->edx &= ~(FEATURES_EDX_GUEST_DEBUGGING | FEATURES_EDX_DEBUG_MSRS);
        }
        if (entry->function > last)
            last = entry->function;
        cpuid->nent++;
    }
    if (first)
        first->eax = last;
    return 0;
}

/* SYNIC, not SYNIC2: KVM clears the pages for messages and events when a guest switches them on.
 * They are its own memory there, where SYNIC2 expects other pages to be laid over it. */
int rs_hyperv_enable(struct rs_vcpu *vcpu, struct kvm_cpuid2 *cpuid, struct rs_error *error)
{
    struct kvm_enable_cap enable = {.cap = KVM_CAP_HYPERV_SYNIC};
    struct kvm_cpuid2 *offered =
        calloc(1, sizeof(*offered) + RS_CPUID_ENTRIES_MAX * sizeof(offered->entries[0]));
    int result = 0;

    if (!offered)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    offered->nent = RS_CPUID_ENTRIES_MAX;
    if (ioctl(vcpu->fd, KVM_ENABLE_CAP, &enable) != 0)
        result = rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_ENABLE_CAP(HYPERV_SYNIC)");
    else if (ioctl(vcpu->fd, KVM_GET_SUPPORTED_HV_CPUID, offered) != 0)
        result = rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_GET_SUPPORTED_HV_CPUID");
    else if (rs_hyperv_merge(cpuid, RS_CPUID_ENTRIES_MAX, offered) != 0)
        result =
            rs_error_set(error, RS_EXIT_HOST, "more than %d leaves of CPUID", RS_CPUID_ENTRIES_MAX);
    free(offered);
    return result;
}

static void add_chip(struct kvm_irq_routing *table, uint32_t gsi, uint32_t chip, uint32_t pin)
{
    table->entries[table->nr++] = (struct kvm_irq_routing_entry){
        .gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP, .u.irqchip = {.irqchip = chip, .pin = pin}};
}

/* The first 24 are what KVM_CREATE_IRQCHIP has set. */
int rs_hyperv_route(struct rs_vm *vm, unsigned cpus, struct rs_error *error)
{
    struct kvm_irq_routing *table =
        calloc(1, sizeof(*table) + ROUTES_MAX * sizeof(table->entries[0]));
    int result = 0;

    if (!table)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    for (uint32_t gsi = 0; gsi < IOAPIC_INPUTS; gsi++) {
        if (gsi < PIC_INPUTS)
            add_chip(table, gsi, gsi < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE, gsi % 8);
        add_chip(table, gsi, KVM_IRQCHIP_IOAPIC, gsi);
    }
    for (uint32_t i = 0; i < cpus * RS_HYPERV_SINTS; i++)
        table->entries[table->nr++] = (struct kvm_irq_routing_entry){
            .gsi = IOAPIC_INPUTS + i,
            .type = KVM_IRQ_ROUTING_HV_SINT,
            .u.hv_sint = {.vcpu = i / RS_HYPERV_SINTS, .sint = i % RS_HYPERV_SINTS}};
    if (ioctl(vm->fd, KVM_SET_GSI_ROUTING, table) != 0)
        result = rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_GSI_ROUTING");
    free(table);
    return result;
}

int rs_hyperv_raise(struct rs_vm *vm, unsigned cpu, unsigned sint)
{
    return rs_vm_set_irq(vm, IOAPIC_INPUTS + cpu * RS_HYPERV_SINTS + sint, true);
}
