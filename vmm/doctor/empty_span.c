/* SPDX-License-Identifier: MIT
 * The kinds of hooks, and what their exits add to a span: measured with a guest that does nothing
 * but exit. */
#include "needs.h"
#include "probe.h"

#include <errno.h>
#include <stdlib.h>
#include <x86intrin.h>

#define WARM_UP 16
#define SAMPLES 101

static int ascending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* One span: from the resumption to the next exit. False when it was no exit by OUT. */
static bool time_one(struct rs_probe *probe, uint64_t *ticks)
{
    uint64_t resumed;
    int result;

    do {
        resumed = __rdtsc();
        result = rs_vcpu_run(&probe->vcpu);
        *ticks = __rdtsc() - resumed;
        probe->vcpu.run->immediate_exit = 0;
    } while (result == -EINTR || result == -EAGAIN);
    return result == 0 && probe->vcpu.run->exit_reason == KVM_EXIT_IO;
}

static int measure(struct rs_probe *probe, uint64_t *samples, unsigned count)
{
    static const struct rs_code code = RS_CODE("\xe6\x9a\xeb\xfc"); /* 1: out %al, $0x9a; jmp 1b */
    static const struct rs_setup setup = {.from = RS_FROM_RING0};
    uint64_t discarded;

    if (rs_probe_prepare(probe, &setup, &code) != 0)
        return -1;
    for (unsigned i = 0; i < WARM_UP; i++)
        if (!time_one(probe, &discarded))
            return -1;
    for (unsigned i = 0; i < count; i++)
        if (!time_one(probe, &samples[i]))
            return -1;
    return 0;
}

static int no_exit(struct rs_error *error)
{
    return rs_error_set(error, RS_EXIT_HOST,
                        "the time of an empty span cannot be measured: this KVM does not leave the "
                        "guest for OUT");
}

int rs_doctor_empty_spans(int kvm_fd, uint64_t *ticks, unsigned count, struct rs_error *error)
{
    struct rs_probe probe;
    int result;

    if (rs_probe_open(&probe, kvm_fd, (struct rs_probe_kind){.no_irqchip = true}, error) != 0)
        return -1;
    result = measure(&probe, ticks, count);
    rs_probe_close(&probe);
    return result == 0 ? 0 : no_exit(error);
}

static uint64_t median(uint64_t samples[SAMPLES])
{
    qsort(samples, SAMPLES, sizeof(samples[0]), ascending);
    return samples[SAMPLES / 2];
}

int rs_doctor_empty_span(int kvm_fd, uint64_t *ticks, struct rs_error *error)
{
    uint64_t samples[SAMPLES];

    *ticks = 0;
    if (rs_doctor_empty_spans(kvm_fd, samples, SAMPLES, error) != 0)
        return -1;
    *ticks = median(samples);
    return 0;
}

static int choose(struct rs_probe *probe, const struct rs_hook_wish *wish,
                  struct rs_hook_costs *costs, struct rs_hook_kinds *kinds, uint64_t *empty_span,
                  struct rs_error *error)
{
    enum rs_hook_kind returns;
    uint64_t samples[SAMPLES];

    if (rs_probe_hook_costs(probe, wish->needs, costs, error) != 0)
        return -1;
    if (!rs_hook_kinds_choose(costs, wish, kinds)) {
        const char *name = rs_hook_kind_name((enum rs_hook_kind)wish->wanted);
        const char *absent = costs->absent[wish->wanted];

        return rs_error_set(error, RS_EXIT_HOST, "--hook-kind '%s': this host cannot: %s", name,
                            absent[0] ? absent : "it is for one vCPU and ringscope's own kernel");
    }
    returns = rs_hook_kind_of(kinds, RS_PLACE_RETURNS);
    if (returns != RS_HOOK_SITE)
        *empty_span = costs->of[returns][RS_HOOK_RING0].quartiles[1];
    else if (measure(probe, samples, SAMPLES) == 0)
        *empty_span = median(samples);
    else
        return no_exit(error);
    return 0;
}

int rs_doctor_hook_kinds(int kvm_fd, const struct rs_hook_wish *wish, struct rs_hook_costs *costs,
                         struct rs_hook_kinds *kinds, uint64_t *empty_span, struct rs_error *error)
{
    struct rs_probe probe;
    int result;

    *empty_span = 0;
    if (rs_probe_open(&probe, kvm_fd, (struct rs_probe_kind){.no_irqchip = true}, error) != 0)
        return -1;
    result = choose(&probe, wish, costs, kinds, empty_span, error);
    rs_probe_close(&probe);
    return result;
}
