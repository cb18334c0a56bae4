/* SPDX-License-Identifier: MIT
 * Snapshots: a machine's state at one moment, to which the same machine goes back any number of
 * times. */
#ifndef RINGSCOPE_SNAPSHOT_H
#define RINGSCOPE_SNAPSHOT_H

#include "kvm/vcpu_image.h"
#include "kvm/vm_image.h"
#include "machine/machine.h"
#include "memory/memory_image.h"
#include "touch.h"

/*
 * Holds guest memory, the vCPUs, the interrupt controllers, the devices and the hooks. Restoring
 * copies only the pages that were written since: those of KVM's dirty log and those that the VMM
 * wrote itself. The streams are not part of it, nor what a paging file of a fixed size holds: a
 * guest reads no slot that it has not written.
 */
struct rs_snapshot_cpu {
    struct rs_vcpu_image vcpu;
    struct rs_hooks hooks;
};

/* What the hooks of the vCPUs have in common; the spans that were open are owned. */
struct rs_snapshot_hooks {
    struct rs_hooked_idt idts[RS_CPUS_MAX];
    uint64_t window_gva;
    bool sites_armed;
    struct rs_hook_kinds kinds;
    struct rs_span *spans;
    unsigned span_count;
};

struct rs_snapshot {
    struct rs_memory_image memory;
    struct rs_vm_image vm;
    struct rs_snapshot_cpu *cpus; /* owned */
    unsigned cpu_count;
    struct rs_snapshot_hooks hooks;
    struct rs_uart uart;
    struct rs_i8042 keyboard;
    struct rs_virtio pagefile;
    struct rs_touch touch;
    uint64_t *log;                    /* owned: dirty bitmap of the longest region */
    struct rs_memory_changes changes; /* gpas owned */
    uint64_t digest;                  /* of memory and registers */
    size_t pages_restored;            /* by the last rs_snapshot_restore() */
};

/* The machine has stopped and nobody runs it. Takes some milliseconds. Returns 0 or -1. */
int rs_snapshot_take(struct rs_snapshot *snapshot, struct rs_machine *machine,
                     struct rs_error *error);
/* Before the machine. */
void rs_snapshot_free(struct rs_snapshot *snapshot);

/* The same machine, however it has stopped; it can run again. Returns 0, or -1: it cannot be used
 * any longer. */
int rs_snapshot_restore(struct rs_snapshot *snapshot, struct rs_machine *machine,
                        struct rs_error *error);

/* Reads all of memory and all registers again, and compares their hash with that of the snapshot.
 * What runs by itself is left out: the TSC, the APIC timer's count, KVM's clock. Right after
 * rs_snapshot_restore(). Returns 0, or -1: they differ. */
int rs_snapshot_verify(struct rs_snapshot *snapshot, struct rs_machine *machine,
                       struct rs_error *error);

/* snapshot_hooks.c. Take: 0, or -1 when memory is short. */
int rs_snapshot_take_hooks(struct rs_snapshot_hooks *image, const struct rs_hook_set *set);
/* After the vCPUs: what KVM has for hooks by INT3 and breakpoints follows them. 0, or -errno. */
int rs_snapshot_put_hooks(const struct rs_snapshot_hooks *image, struct rs_hook_set *set);

#endif
