/* SPDX-License-Identifier: MIT
 * Snapshots: a machine's state at one moment, to which the same machine goes back. */
#include "snapshot.h"

#include "kvm/dirty_log.h"

#include <errno.h>
#include <ringscope/layout.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED UINT64_C(0xcbf29ce484222325) /* FNV-1a's offset basis */

static void take_devices(struct rs_snapshot *snapshot, const struct rs_machine *machine)
{
    snapshot->uart = machine->uart;
    snapshot->keyboard = machine->keyboard;
    snapshot->pagefile = machine->pagefile;
}

static void put_devices(const struct rs_snapshot *snapshot, struct rs_machine *machine)
{
    machine->uart = snapshot->uart;
    machine->keyboard = snapshot->keyboard;
    machine->pagefile = snapshot->pagefile;
    atomic_store(&machine->console_used, 0);
    machine->console_due = false;
    machine->stop = (struct rs_stop){.kind = RS_STOP_NONE};
    atomic_store(&machine->stopping, RS_STOP_NONE);
}

static int take_cpus(struct rs_snapshot *snapshot, struct rs_machine *machine,
                     struct rs_error *error)
{
    for (unsigned i = 0; i < snapshot->cpu_count; i++) {
        struct rs_cpu *cpu = &machine->cpus[i];

        if (rs_vcpu_image_take(&snapshot->cpus[i].vcpu, &cpu->vcpu, &machine->vm, error) != 0)
            return -1;
        snapshot->cpus[i].hooks = cpu->hooks;
        snapshot->cpus[i].hooks.pending = NULL;
    }
    return 0;
}

static int put_cpus(struct rs_snapshot *snapshot, struct rs_machine *machine,
                    struct rs_error *error)
{
    for (unsigned i = 0; i < snapshot->cpu_count; i++) {
        if (rs_vcpu_image_put(&snapshot->cpus[i].vcpu, &machine->cpus[i].vcpu, error) != 0)
            return -1;
        machine->cpus[i].hooks = snapshot->cpus[i].hooks;
    }
    return 0;
}

static int allocate(struct rs_snapshot *snapshot, const struct rs_machine *machine)
{
    size_t words = 0, pages = 0;

    for (unsigned i = 0; i < machine->vm.memory.count; i++) {
        size_t region = rs_dirty_log_words(&machine->vm, i);

        words = region > words ? region : words;
        pages += machine->vm.memory.regions[i].size / PAGE_SIZE;
    }
    snapshot->cpu_count = machine->cpu_count;
    snapshot->cpus = calloc(snapshot->cpu_count, sizeof(*snapshot->cpus));
    snapshot->log = calloc(words + 1, sizeof(*snapshot->log));
    snapshot->changes.gpas = calloc(pages + 1, sizeof(*snapshot->changes.gpas));
    return snapshot->cpus && snapshot->log && snapshot->changes.gpas ? 0 : -1;
}

static uint64_t digest_of(const struct rs_machine *machine, const struct rs_snapshot *snapshot)
{
    uint64_t digest = rs_memory_digest(&machine->vm.memory, SEED);

    digest = rs_vm_image_digest(&snapshot->vm, digest);
    for (unsigned i = 0; i < snapshot->cpu_count; i++)
        digest = rs_vcpu_image_digest(&snapshot->cpus[i].vcpu, digest);
    return digest;
}

/* The log is started before the copy is made, so that no write falls between the two. */
static int take(struct rs_snapshot *snapshot, struct rs_machine *machine, struct rs_error *error)
{
    if (allocate(snapshot, machine) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "a snapshot: out of memory");
    if (rs_touch_open(&snapshot->touch, &machine->vm, error) != 0 ||
        rs_dirty_log_start(&machine->vm, error) != 0 || take_cpus(snapshot, machine, error) != 0 ||
        rs_vm_image_take(&snapshot->vm, &machine->vm, error) != 0)
        return -1;
    if (rs_memory_image_take(&snapshot->memory, &machine->vm.memory) != 0 ||
        rs_snapshot_take_hooks(&snapshot->hooks, &machine->hooks) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "a snapshot: out of memory");
    take_devices(snapshot, machine);
    snapshot->digest = digest_of(machine, snapshot);
    return 0;
}

int rs_snapshot_take(struct rs_snapshot *snapshot, struct rs_machine *machine,
                     struct rs_error *error)
{
    memset(snapshot, 0, sizeof(*snapshot));
    if (machine->pc)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "a machine with the devices of a PC has no snapshots: boot it anew");
    if (take(snapshot, machine, error) == 0)
        return 0;
    rs_snapshot_free(snapshot);
    return -1;
}

void rs_snapshot_free(struct rs_snapshot *snapshot)
{
    rs_touch_close(&snapshot->touch);
    rs_memory_image_free(&snapshot->memory);
    for (unsigned i = 0; snapshot->cpus && i < snapshot->cpu_count; i++)
        rs_vcpu_image_free(&snapshot->cpus[i].vcpu);
    free(snapshot->cpus);
    free(snapshot->hooks.spans);
    free(snapshot->log);
    free(snapshot->changes.gpas);
    snapshot->cpus = NULL;
    snapshot->hooks.spans = NULL;
    snapshot->log = NULL;
    snapshot->changes.gpas = NULL;
}

static int restore_memory(struct rs_snapshot *snapshot, struct rs_machine *machine,
                          struct rs_error *error)
{
    snapshot->changes.count = 0;
    for (unsigned i = 0; i < machine->vm.memory.count; i++) {
        int result = rs_dirty_log_read(&machine->vm, i, snapshot->log);

        if (result != 0)
            return rs_error_errno(error, RS_EXIT_HOST, -result, "KVM_GET_DIRTY_LOG");
        rs_memory_image_put(&snapshot->memory, &machine->vm.memory, i, snapshot->log,
                            &snapshot->changes);
        result = rs_dirty_log_forget(&machine->vm, i, snapshot->log);
        if (result != 0)
            return rs_error_errno(error, RS_EXIT_HOST, -result, "KVM_CLEAR_DIRTY_LOG");
    }
    snapshot->pages_restored = snapshot->changes.count;
    return 0;
}

/* A paging file that grows is as empty as at the beginning. */
static int restore_pagefile(struct rs_machine *machine, struct rs_error *error)
{
    const struct rs_blk *disk = &machine->pagefile_disk;

    if (disk->config.capacity == 0 || !disk->grows || ftruncate(disk->fd, 0) == 0)
        return 0;
    return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "the paging file cannot be emptied");
}

static int complete(struct rs_machine *machine, struct rs_error *error)
{
    for (unsigned i = 0; i < machine->cpu_count; i++)
        if (rs_vcpu_complete(&machine->cpus[i].vcpu) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "KVM_RUN cannot complete the last exit");
    return 0;
}

/* One vCPU writes the pages; each of them loads another CR3 and so flushes its TLB. */
static int touch(struct rs_snapshot *snapshot, struct rs_machine *machine, struct rs_error *error)
{
    for (unsigned i = 0; i < machine->cpu_count; i++)
        if (rs_touch_pages(&snapshot->touch, &machine->cpus[i].vcpu, snapshot->changes.gpas,
                           i == 0 ? snapshot->changes.count : 0, error) != 0)
            return -1;
    return 0;
}

int rs_snapshot_restore(struct rs_snapshot *snapshot, struct rs_machine *machine,
                        struct rs_error *error)
{
    int result;

    if (complete(machine, error) != 0 || restore_memory(snapshot, machine, error) != 0 ||
        restore_pagefile(machine, error) != 0 || touch(snapshot, machine, error) != 0 ||
        rs_vm_image_put(&snapshot->vm, &machine->vm, error) != 0 ||
        put_cpus(snapshot, machine, error) != 0)
        return -1;
    result = rs_snapshot_put_hooks(&snapshot->hooks, &machine->hooks);
    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, -result, "KVM_SET_GUEST_DEBUG");
    put_devices(snapshot, machine);
    return 0;
}

static int digest_now(const struct rs_snapshot *snapshot, struct rs_machine *machine,
                      uint64_t *digest, char *what, size_t size, struct rs_error *error)
{
    struct rs_vm_image vm;

    if (rs_vm_image_take(&vm, &machine->vm, error) != 0)
        return -1;
    *digest = rs_vm_image_digest(&vm, rs_memory_digest(&machine->vm.memory, SEED));
    for (unsigned i = 0; i < machine->cpu_count; i++) {
        struct rs_vcpu_image vcpu;

        if (rs_vcpu_image_take(&vcpu, &machine->cpus[i].vcpu, &machine->vm, error) != 0)
            return -1;
        *digest = rs_vcpu_image_digest(&vcpu, *digest);
        (void)rs_vcpu_image_difference(&snapshot->cpus[i].vcpu, &vcpu, what, size);
        rs_vcpu_image_free(&vcpu);
    }
    return 0;
}

int rs_snapshot_verify(struct rs_snapshot *snapshot, struct rs_machine *machine,
                       struct rs_error *error)
{
    char what[80] = "memory or interrupt controllers";
    uint64_t digest;

    if (digest_now(snapshot, machine, &digest, what, sizeof(what), error) != 0)
        return -1;
    if (digest == snapshot->digest)
        return 0;
    return rs_error_set(error, RS_EXIT_CRASH,
                        "the restored machine hashes to %016llx, its snapshot to %016llx: %s",
                        (unsigned long long)digest, (unsigned long long)snapshot->digest, what);
}
