/* SPDX-License-Identifier: MIT
 * Which kinds of hooks work on this host, and what an exit by each costs. */
#include "doctor.h"
#include "hooks/hooks.h"
#include "kvm/events.h"
#include "needs.h"
#include "probe.h"

#include <errno.h>
#include <ringscope/x86/cpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#define WARM_UP 2
#define SAMPLES 12 /* a multiple of 4 */

/* How an exit by each kind is made again and again. KVM completes an OUT by going behind it when
 * RIP has not changed, so two take turns, as with a hook RIP is always another one. */
static const struct {
    uint32_t exit_reason;
    struct rs_code code;
    uint64_t at;     /* 0: at the code */
    unsigned stride; /* from one instruction to the other */
} ways[RS_HOOK_KIND_COUNT] = {
    [RS_HOOK_GATE] = {KVM_EXIT_INTERNAL_ERROR, RS_CODE("\x90"), PROBE_DONE, 0},
    [RS_HOOK_SITE] = {KVM_EXIT_IO, RS_CODE("\xe6\x9a\xe6\x9a"), 0, 2},
    [RS_HOOK_INT3] = {KVM_EXIT_DEBUG, RS_CODE("\xcc\xcc"), 0, 1},
    [RS_HOOK_BREAKPOINT] = {KVM_EXIT_DEBUG, RS_CODE("\x90\x90"), 0, 0},
};

static int ascending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* From the resumption at `rip` to the exit, as with a hook: general registers go in and come out.
 */
static bool time_one(struct rs_probe *probe, uint64_t rip, uint32_t exit_reason, uint64_t *ticks)
{
    uint64_t resumed;
    int result;

    do {
        rs_vcpu_regs(&probe->vcpu)->rip = rip;
        rs_vcpu_regs(&probe->vcpu)->rflags &= ~RFLAGS_RF; /* it would pass a breakpoint by */
        rs_vcpu_regs_dirty(&probe->vcpu);
        resumed = __rdtsc();
        result = rs_vcpu_run(&probe->vcpu);
        *ticks = __rdtsc() - resumed;
        probe->vcpu.run->immediate_exit = 0;
    } while (result == -EINTR || result == -EAGAIN);
    return result == 0 && probe->vcpu.run->exit_reason == exit_reason;
}

static int ask_for_exits(struct rs_probe *probe, enum rs_hook_kind kind, uint64_t at)
{
    if (kind == RS_HOOK_INT3)
        return rs_vcpu_set_guest_debug(&probe->vcpu, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
    return kind == RS_HOOK_BREAKPOINT ? rs_vcpu_set_hw_breakpoints(&probe->vcpu, &at, 1, true) : 0;
}

static void time_kind(struct rs_probe *probe, enum rs_hook_kind kind, enum rs_hook_ring ring,
                      struct rs_hook_cost *cost)
{
    const struct rs_setup setup = {.from = ring == RS_HOOK_RING0 ? RS_FROM_RING0 : RS_FROM_RING3};
    uint64_t samples[WARM_UP + SAMPLES], *kept = samples + WARM_UP, at = ways[kind].at;

    if (rs_probe_prepare(probe, &setup, &ways[kind].code) != 0)
        return;
    at = at ? at : probe->before.rip;
    if (ask_for_exits(probe, kind, at) != 0)
        return;
    for (unsigned i = 0; i < WARM_UP + SAMPLES; i++)
        if (!time_one(probe, at + i % 2 * ways[kind].stride, ways[kind].exit_reason, &samples[i]))
            return;
    qsort(kept, SAMPLES, sizeof(kept[0]), ascending);
    cost->works = true;
    for (unsigned i = 0; i < 3; i++)
        cost->quartiles[i] = kept[(i + 1) * SAMPLES / 4];
}

static void tell(const struct rs_finding *finding, char *why, size_t size)
{
    const struct rs_difference *difference = &finding->differences[0];

    if (finding->difference_count)
        snprintf(why, size, "%s: %s: expected %s, got %s", finding->claim->id, difference->field,
                 difference->expected, difference->got);
    else
        snprintf(why, size, "%s: %s", finding->claim->id, finding->observed);
}

/* The claims without which the kind cannot be had in this ring; those that have none show by being
 * timed. What was seen stays in `why` when one does not hold. */
static int is_offered(struct rs_probe *probe, enum rs_hook_kind kind, enum rs_hook_ring ring,
                      bool *offered, char *why, size_t size, struct rs_error *error)
{
    *offered = true;
    for (size_t i = 0; i < rs_group_hooks.count && *offered; i++) {
        const struct rs_claim *claim = &rs_group_hooks.claims[i];
        struct rs_finding finding;

        if (claim->enables.kind != kind || !(claim->enables.rings & 1u << ring))
            continue;
        if (rs_measure(probe, claim, &finding, error) != 0)
            return -1;
        *offered = finding.status == RS_STATUS_OK;
        if (!*offered)
            tell(&finding, why, size);
    }
    return 0;
}

static int measure_kind(struct rs_probe *probe, enum rs_hook_kind kind, enum rs_hook_ring ring,
                        struct rs_hook_costs *costs, struct rs_error *error)
{
    char *why = costs->absent[kind];
    bool offered;

    if (is_offered(probe, kind, ring, &offered, why, sizeof(costs->absent[kind]), error) != 0)
        return -1;
    if (!offered)
        return 0;
    time_kind(probe, kind, ring, &costs->of[kind][ring]);
    if (kind == RS_HOOK_INT3 || kind == RS_HOOK_BREAKPOINT)
        rs_vcpu_set_guest_debug(&probe->vcpu, 0);
    if (!costs->of[kind][ring].works && !why[0])
        snprintf(why, sizeof(costs->absent[kind]), "it does not leave the guest each time");
    return 0;
}

/* In ring 3 OUT raises #GP; and where no other kind than the gate works, what that takes tells
 * nothing. */
static int measure_ring3(struct rs_probe *probe, struct rs_hook_costs *costs,
                         struct rs_error *error)
{
    if (!costs->of[RS_HOOK_INT3][RS_HOOK_RING0].works)
        return 0;
    if (measure_kind(probe, RS_HOOK_INT3, RS_HOOK_RING3, costs, error) != 0)
        return -1;
    return measure_kind(probe, RS_HOOK_GATE, RS_HOOK_RING3, costs, error);
}

int rs_probe_hook_costs(struct rs_probe *probe, uint32_t needs, struct rs_hook_costs *costs,
                        struct rs_error *error)
{
    memset(costs, 0, sizeof(*costs));
    for (unsigned kind = 0; kind < RS_HOOK_KIND_COUNT; kind++)
        if (measure_kind(probe, (enum rs_hook_kind)kind, RS_HOOK_RING0, costs, error) != 0)
            return -1;
    return needs & RS_NEED_SYSCALL ? measure_ring3(probe, costs, error) : 0;
}
