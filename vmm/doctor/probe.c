/* SPDX-License-Identifier: MIT
 * The doctor's little machine: making it and running it. */
#include "probe.h"

#include "kvm/cpuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_memory(void *context, uint64_t gva, void *buffer, size_t size)
{
    struct rs_probe *probe = context;

    return rs_memory_read_virtual(&probe->vm.memory, PROBE_PML4, gva, buffer, size);
}

/* A fresh vCPU that fetches from the done page at once: after that its registers are known, and
 * that fetches without memory leave the guest, on which everything here rests. */
static int first_run(struct rs_probe *probe, struct rs_error *error)
{
    struct rs_observation seen;

    if (rs_vcpu_set_long_mode(&probe->vcpu, PROBE_DONE, 0, PROBE_PML4, error) != 0)
        return -1;
    rs_probe_run(probe, &seen);
    probe->sregs = *rs_vcpu_sregs(&probe->vcpu);
    if (rs_observed(&seen, RS_ARRIVED_DONE))
        return 0;
    return rs_error_set(error, RS_EXIT_HOST,
                        "this KVM does not leave the guest for a fetch from an address without "
                        "memory (exit reason %u)",
                        probe->vcpu.run->exit_reason);
}

static int make(struct rs_probe *probe, struct rs_error *error)
{
    if (rs_vm_create(&probe->vm, probe->kvm_fd, error) != 0 ||
        rs_vm_add_memory(&probe->vm, 0, PROBE_RAM_SIZE, error) != 0 ||
        (!probe->kind.no_irqchip && rs_vm_create_irqchip(&probe->vm, error) != 0) ||
        rs_vcpu_create(&probe->vcpu, &probe->vm, 0, error) != 0 ||
        rs_vcpu_set_cpuid(&probe->vcpu, probe->cpuid, error) != 0 ||
        rs_heartbeat_start(&probe->heartbeat, error) != 0)
        return -1;
    rs_tables_init(probe);
    return first_run(probe, error);
}

static void unmake(struct rs_probe *probe)
{
    rs_heartbeat_stop(&probe->heartbeat);
    rs_vcpu_destroy(&probe->vcpu);
    rs_vm_destroy(&probe->vm);
}

int rs_probe_open(struct rs_probe *probe, int kvm_fd, struct rs_probe_kind kind,
                  struct rs_error *error)
{
    const enum rs_feature *hidden = kind.hidden;

    memset(probe, 0, sizeof(*probe));
    probe->kvm_fd = kvm_fd;
    probe->kind = kind;
    probe->vm.fd = probe->vcpu.fd = -1;
    probe->cpuid = rs_cpuid_supported(kvm_fd, error);
    if (!probe->cpuid)
        return -1;
    for (; hidden && *hidden != RS_FEATURE_NONE; hidden++)
        rs_feature_remove(probe->cpuid, *hidden);
    probe->env = (struct rs_model_env){read_memory, probe, rs_cpuid_vendor(probe->cpuid), false};
    if (make(probe, error) == 0)
        return 0;
    rs_probe_close(probe);
    return -1;
}

void rs_probe_close(struct rs_probe *probe)
{
    unmake(probe);
    free(probe->cpuid);
    probe->cpuid = NULL;
}

int rs_probe_renew(struct rs_probe *probe, bool fresh, struct rs_error *error)
{
    if (!probe->worn && !(fresh && probe->delivered))
        return 0;
    unmake(probe);
    probe->worn = probe->delivered = false;
    return make(probe, error);
}

void rs_probe_run(struct rs_probe *probe, struct rs_observation *seen)
{
    struct kvm_run *run = probe->vcpu.run;
    enum rs_verdict verdict = RS_VERDICT_WAIT;
    struct rs_patience patience;
    int result;

    rs_patience_begin(&patience);
    rs_heartbeat_watch(run);
    do {
        result = rs_vcpu_run(&probe->vcpu);
        run->immediate_exit = 0;
        if (result == -EINTR || result == -EAGAIN)
            verdict = rs_patience_verdict(&patience);
    } while ((result == -EINTR || result == -EAGAIN) && verdict == RS_VERDICT_WAIT);
    rs_heartbeat_watch(NULL);
    rs_observe(probe, result, seen);
    if (verdict == RS_VERDICT_BLOCKED)
        seen->end = RS_END_BLOCKED;
    if (seen->end == RS_END_FAILED)
        probe->run_failed = (int)seen->number;
    probe->worn |= seen->end >= RS_END_SHUTDOWN;
    probe->delivered |= seen->arrival == RS_ARRIVED_GATE;
}

void rs_probe_settle(struct rs_probe *probe)
{
    probe->vcpu.run->immediate_exit = 1;
    rs_vcpu_run(&probe->vcpu);
    probe->vcpu.run->immediate_exit = 0;
}
