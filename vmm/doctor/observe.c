/* SPDX-License-Identifier: MIT
 * What a guest did: where it has arrived, and how it left. */
#include "nt/services.h"
#include "probe.h"

#include <errno.h>
#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>
#include <stdio.h>
#include <string.h>

enum rs_arrival rs_arrival_of(uint64_t rip, uint8_t *vector)
{
    *vector = 0;
    if (rip - PROBE_VECTORS < PAGE_SIZE && rip % PROBE_GATE_SIZE == 0) {
        *vector = (uint8_t)((rip - PROBE_VECTORS) / PROBE_GATE_SIZE);
        return RS_ARRIVED_GATE;
    }
    switch (rip) {
    case PROBE_LSTAR:
        return RS_ARRIVED_LSTAR;
    case PROBE_CSTAR:
        return RS_ARRIVED_CSTAR;
    case PROBE_SYSENTER:
        return RS_ARRIVED_SYSENTER;
    case PROBE_TARGET:
        return RS_ARRIVED_TARGET;
    case PROBE_DONE:
        return RS_ARRIVED_DONE;
    default:
        return rip - PROBE_CODE < PAGE_SIZE ? RS_ARRIVED_CODE : RS_ARRIVED_ELSEWHERE;
    }
}

bool rs_observed(const struct rs_observation *seen, enum rs_arrival arrival)
{
    return seen->end == RS_END_FETCH && seen->arrival == arrival;
}

static enum rs_end end_of(const struct kvm_run *run)
{
    switch (run->exit_reason) {
    case KVM_EXIT_INTERNAL_ERROR:
        return run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION ? RS_END_FETCH : RS_END_OTHER;
    case KVM_EXIT_IO:
        return RS_END_IO;
    case KVM_EXIT_MMIO:
        return RS_END_MMIO;
    case KVM_EXIT_X86_RDMSR:
        return RS_END_RDMSR;
    case KVM_EXIT_X86_WRMSR:
        return RS_END_WRMSR;
    case KVM_EXIT_DEBUG:
        return RS_END_DEBUG;
    case KVM_EXIT_SHUTDOWN:
        return RS_END_SHUTDOWN;
    default:
        return RS_END_OTHER;
    }
}

static void read_frame(struct rs_probe *probe, struct rs_observation *seen)
{
    uint64_t rsp = seen->state.gpr[RS_RSP];

    for (unsigned i = 0; i < RS_MODEL_FRAME_MAX; i++)
        rs_memory_read(&probe->vm.memory, rsp + i * 8, &seen->frame[i], sizeof(seen->frame[i]));
}

void rs_observe(struct rs_probe *probe, int run_result, struct rs_observation *seen)
{
    const struct kvm_run *run = probe->vcpu.run;

    memset(seen, 0, sizeof(*seen));
    seen->state = probe->before; /* the MSRs */
    rs_vcpu_get_state(&probe->vcpu, &seen->state);
    seen->arrival = rs_arrival_of(seen->state.rip, &seen->vector);
    if (seen->arrival == RS_ARRIVED_GATE)
        read_frame(probe, seen);
    if (run_result == 0) {
        seen->end = end_of(run);
        seen->number = run->exit_reason;
    } else {
        seen->end = run_result == -EINTR || run_result == -EAGAIN ? RS_END_STUCK : RS_END_FAILED;
        seen->number = (uint32_t)-run_result;
    }
}

static void vector_text(uint8_t vector, char *buffer, size_t size)
{
    const char *name = vector < 32 ? rs_vector_name(vector) : NULL;

    if (name)
        snprintf(buffer, size, "%s", name);
    else
        snprintf(buffer, size, "vector %#x", vector);
}

static void describe_fetch(const struct rs_observation *seen, char *buffer, size_t size)
{
    static const char *const texts[] = {
        [RS_ARRIVED_LSTAR] = "enters at LSTAR",
        [RS_ARRIVED_CSTAR] = "enters at CSTAR",
        [RS_ARRIVED_SYSENTER] = "enters at SYSENTER_EIP",
        [RS_ARRIVED_TARGET] = "goes to its target",
        [RS_ARRIVED_DONE] = "completes",
        [RS_ARRIVED_CODE] = "the host cannot execute it (KVM_EXIT_INTERNAL_ERROR, emulation)",
    };
    char name[16];

    switch (seen->arrival) {
    case RS_ARRIVED_GATE:
        vector_text(seen->vector, name, sizeof(name));
        if (rs_exception_has_error_code(seen->vector))
            snprintf(buffer, size, "%s(%#" PRIx64 ")", name, seen->frame[0]);
        else
            snprintf(buffer, size, "%s", name);
        break;
    case RS_ARRIVED_ELSEWHERE:
        snprintf(buffer, size, "goes to %#" PRIx64, seen->state.rip);
        break;
    default:
        snprintf(buffer, size, "%s", texts[seen->arrival]);
    }
}

void rs_describe(const struct rs_observation *seen, char *buffer, size_t size)
{
    static const char *const texts[] = {
        [RS_END_IO] = "KVM_EXIT_IO",
        [RS_END_MMIO] = "KVM_EXIT_MMIO",
        [RS_END_RDMSR] = "KVM_EXIT_X86_RDMSR",
        [RS_END_WRMSR] = "KVM_EXIT_X86_WRMSR",
        [RS_END_DEBUG] = "KVM_EXIT_DEBUG",
        [RS_END_SHUTDOWN] = "shutdown (triple fault)",
        [RS_END_STUCK] = "the vCPU spins and never leaves",
        [RS_END_BLOCKED] = "the vCPU sleeps for ever",
    };

    switch (seen->end) {
    case RS_END_FETCH:
        describe_fetch(seen, buffer, size);
        break;
    case RS_END_OTHER:
        snprintf(buffer, size, "KVM exit reason %" PRIu32, seen->number);
        break;
    case RS_END_FAILED:
        snprintf(buffer, size, "KVM_RUN fails: %s", strerror((int)seen->number));
        break;
    default:
        snprintf(buffer, size, "%s", texts[seen->end]);
    }
}
