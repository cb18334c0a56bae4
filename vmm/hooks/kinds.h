/* SPDX-License-Identifier: MIT
 * Kinds of hooks: by which exit a transition leaves the guest, and which is chosen. */
#ifndef RINGSCOPE_HOOKS_KINDS_H
#define RINGSCOPE_HOOKS_KINDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * LSTAR and IDT entries lead into the gate window (window.c); what the processor finds there
 * differs. Over a return instruction one is written in place. A breakpoint stands at the handler of
 * SYSCALL and at RS_BREAKPOINT_RETURNS returns themselves, with one vCPU and a kernel whose returns
 * are known beforehand.
 *
 * X(name, id, text)
 */
#define RS_HOOK_KINDS(X)                                                                           \
    X(GATE, "gate", "no memory: KVM_EXIT_INTERNAL_ERROR; entries alone")                           \
    X(SITE, "site", "OUT: KVM_EXIT_IO; in ring 0 alone")                                           \
    X(INT3, "int3", "INT3: KVM_EXIT_DEBUG, by KVM_GUESTDBG_USE_SW_BP")                             \
    X(BREAKPOINT, "breakpoint", "a debug register: KVM_EXIT_DEBUG, by KVM_GUESTDBG_USE_HW_BP")

enum rs_hook_kind {
#define X(name, id, text) RS_HOOK_##name,
    RS_HOOK_KINDS(X)
#undef X
    RS_HOOK_KIND_COUNT
};
#define RS_BREAKPOINT_RETURNS 3
#define RS_HOOK_AUTO (-1) /* the cheapest for each place */

/* Where hooks are: the entry of SYSCALL, the gates of the IDT, IRETQ and SYSRETQ. X(name, text) */
#define RS_HOOK_PLACES(X)                                                                          \
    X(SYSCALL, "SYSCALL")                                                                          \
    X(GATES, "IDT gates")                                                                          \
    X(RETURNS, "returns")

enum rs_hook_place {
#define X(name, text) RS_PLACE_##name,
    RS_HOOK_PLACES(X)
#undef X
    RS_PLACE_COUNT
};

/* What each place has. All 0: gates, and sites for returns. */
struct rs_hook_kinds {
    uint8_t of[RS_PLACE_COUNT]; /* enum rs_hook_kind */
};

static inline enum rs_hook_kind rs_hook_kind_of(const struct rs_hook_kinds *kinds,
                                                enum rs_hook_place place)
{
    enum rs_hook_kind kind = (enum rs_hook_kind)kinds->of[place];

    return place == RS_PLACE_RETURNS && kind == RS_HOOK_GATE ? RS_HOOK_SITE : kind;
}

static inline bool rs_hook_kinds_have(const struct rs_hook_kinds *kinds, enum rs_hook_kind kind)
{
    for (unsigned i = 0; i < RS_PLACE_COUNT; i++)
        if (rs_hook_kind_of(kinds, (enum rs_hook_place)i) == kind)
            return true;
    return false;
}

/* What doctor measured of a kind in a ring: the time from a resumption to the next exit, in ticks
 * of the TSC. */
struct rs_hook_cost {
    bool works;
    uint64_t quartiles[3]; /* the second is the median; 0 when it does not work */
};

enum rs_hook_ring {
    RS_HOOK_RING0,
    RS_HOOK_RING3,
    RS_HOOK_RINGS
};

struct rs_hook_costs {
    struct rs_hook_cost of[RS_HOOK_KIND_COUNT][RS_HOOK_RINGS];
    char absent[RS_HOOK_KIND_COUNT][320]; /* why a kind does not work; empty: it does in ring 0 */
};

const char *rs_hook_kind_name(enum rs_hook_kind kind);
const char *rs_hook_place_name(enum rs_hook_place place);
/* "auto", or a kind's name. Returns 0, or -1: there is no such kind. */
int rs_hook_kind_parse(const char *text, int *wanted);

/* The ring in which a place's hook is fetched: on a host whose SYSCALL stays in ring 3 it is that.
 */
enum rs_hook_ring rs_hook_place_ring(enum rs_hook_place place, uint32_t needs);

struct rs_hook_wish {
    int wanted;     /* RS_HOOK_AUTO or enum rs_hook_kind */
    uint32_t needs; /* RS_NEED_* that repair has to do with */
    bool several;   /* vCPUs */
    bool foreign;   /* a kernel of which nothing is known */
};

/*
 * A kind that is wanted is taken wherever it works; where it does not, the place
 * keeps gate or site. AUTO: a place gets another kind when three quarters of that one's exits
 * take less time than three quarters of the usual one's take more, so noise alone changes nothing;
 * of several the one with the lowest median. False: the kind works nowhere, and nothing was chosen.
 */
bool rs_hook_kinds_choose(const struct rs_hook_costs *costs, const struct rs_hook_wish *wish,
                          struct rs_hook_kinds *kinds);

/* "SYSCALL gate, IDT gates site, returns site", and "gate 5012, site 4022, int3 absent (ticks)". */
void rs_hook_kinds_print(const struct rs_hook_kinds *kinds, FILE *out);
void rs_hook_costs_print(const struct rs_hook_costs *costs, enum rs_hook_ring ring, FILE *out);

#endif
