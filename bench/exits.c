/* SPDX-License-Identifier: MIT
 * bench-exits: one gate, site and PIO exit through ringscope over the same in a bare KVM_RUN loop.
 */
#include "exit_cost.h"
#include "kvm/kvm_host.h"
#include "table.h"
#include "trace/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define GOAL 1.10
#define GOAL_OWN_NS 150

static const char *const kind_names[] = {"gate", "site", "PIO"};

/* true: the goal is missed. */
static bool print_own(const struct rs_clock *clock, const struct rs_exit_cost *cost)
{
    uint64_t ns = rs_clock_ns(clock, cost->handler > cost->empty ? cost->handler - cost->empty : 0);

    if (!cost->has_handler)
        return false;
    printf(" %8" PRIu64 " %6" PRIu64 " %8" PRIu64 " %8s%s", cost->handler, cost->empty, ns,
           "<= 150", ns <= GOAL_OWN_NS ? "" : "  MISSED");
    return ns > GOAL_OWN_NS;
}

static int print(const struct rs_exit_cost costs[RS_EXIT_COST_KINDS])
{
    struct rs_clock clock;
    bool missed = false;

    rs_clock_start(&clock, 0);
    rs_bench_heading("cost of one exit, median TSC ticks");
    printf("%-6s %10s %10s %8s %8s %8s %6s %8s %8s\n", "exit", "bare loop", "ringscope", "ratio",
           "goal", "handler", "empty", "own ns", "goal");
    for (unsigned i = 0; i < RS_EXIT_COST_KINDS; i++) {
        const struct rs_exit_cost *cost = &costs[i];
        double ratio = cost->bare ? (double)cost->product / (double)cost->bare : 0;

        printf("%-6s %10" PRIu64 " %10" PRIu64 " %8.3f %8s", kind_names[i], cost->bare,
               cost->product, ratio, "<= 1.10");
        missed |= print_own(&clock, cost);
        printf("%s\n", ratio <= GOAL ? "" : "  MISSED");
        missed |= ratio > GOAL;
    }
    return missed;
}

int main(void)
{
    struct rs_exit_cost costs[RS_EXIT_COST_KINDS];
    struct rs_error error;
    int kvm_fd = rs_kvm_open(&error);

    if (kvm_fd >= 0 && rs_exit_cost_measure(kvm_fd, RS_EXIT_BLOCKS_MAX, costs, &error) == 0)
        return print(costs);
    fprintf(stderr, "bench-exits: %s\n", error.message);
    return error.exit_code;
}
