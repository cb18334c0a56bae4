/* SPDX-License-Identifier: MIT
 * Hooks: what makes transitions leave the guest, and what is done with each. */
#ifndef RINGSCOPE_HOOKS_H
#define RINGSCOPE_HOOKS_H

#include "blob.h"
#include "error.h"
#include "kinds.h"
#include "known.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "marks.h"
#include "memory/translation.h"
#include "returns.h"
#include "spans.h"
#include "trace/filter.h"
#include "trace/stream.h"

#include <pthread.h>
#include <ringscope/layout.h>
#include <ringscope/x86/vectors.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * MSR hook   KVM's MSR filter on the registers that the filter names and that steer SYSCALL
 * gate hook  LSTAR, or the offset of an IDT entry, replaced by an address in the gate window,
 *            behind which there is no memory: the fetch exits with every register intact. Where
 *            another kind is cheaper (kinds.h) there is an OUT or an INT3 instead
 * site hook  `out imm8, al`, or INT3, over the first bytes of an IRETQ or SYSRETQ; the instruction
 *            then runs from a pristine copy. In place only while an entry that was reported is open
 *
 * The guest kernel does nothing for them. A guest that reads its IDT or its code sees them.
 */
#define RS_PORT_SITE 0x9a
#define RS_SITES_MAX 64

/* What a host gets wrong, as `doctor` measures it, and repair puts right: RS_NEED_* bits. */
#define RS_NEED_SYSCALL 0x1   /* SYSCALL stays in ring 3 */
#define RS_NEED_INT_N_UD 0x2  /* INT n in ring 3 raises #UD */
#define RS_NEED_INT_N_GP 0x4  /* INT n against a gate of DPL 0: wrong error code or RIP */
#define RS_NEED_RING0_INT 0x8 /* INT n, INT3 in ring 0 cannot be executed */

struct rs_hooks_config {
    const struct rs_filter *filter; /* what is reported; NULL: nothing */
    uint32_t needs;                 /* RS_NEED_* to be repaired; 0 with --repair=off */
    bool check;                     /* compare with the model */
    bool marks;                     /* report marks, too */
    bool two_roots;                 /* ring 3 has a root of its own: see rs_hooks_sync() */
    uint64_t empty_span;            /* ticks: see rs_doctor_empty_span() */
    bool foreign;                   /* another kernel: see rs_handlers_find_return() and below */
    uint32_t string_size;           /* bytes shown of what an argument points to; 0: nothing */
    struct rs_hook_kinds kinds;     /* all 0: what every host has */
};

struct rs_hooks_counts {
    uint64_t events;
    uint64_t deviations[RS_DEVIATION_COUNT];
    uint64_t repaired;
    uint64_t known; /* transitions for which the model need not run: known.h */
};

enum rs_fetch {
    RS_FETCH_OTHER,
    RS_FETCH_HANDLED,
    RS_FETCH_FAILED
};

/* Pages that were read at this exit or an earlier one: deliveries read the same few. A power of 2.
 */
#define RS_HOOKS_PAGES 32

struct rs_kept_page {
    uint64_t exit_number; /* at which the translation was last found to hold; 0: never */
    struct rs_translation translation;
};

/* Arguments of system calls that have not returned, for what they have written. */
#define RS_CALLS_MAX 64 /* a power of 2 */
#define RS_STRING_SIZE_MAX 4096

struct rs_call {
    uint64_t sequence;
    uint64_t args[RS_EVENT_ARGS];
};

/* An IDT with hooks in it. vCPUs share one, or each has its own. */
struct rs_hooked_idt {
    unsigned users; /* vCPUs whose IDTR points at it; 0: free */
    uint64_t base;
    uint64_t
        gpa[2]; /* of the page of its first byte, and of the next one; UINT64_MAX: not mapped */
    uint16_t limit;
    uint64_t gates[RS_VECTOR_COUNT][2]; /* the guest's own gates */
    bool armed[RS_VECTOR_COUNT];
    bool unsettled[RS_VECTOR_COUNT];      /* not hooked yet: the guest may be writing it */
    uint64_t written[RS_VECTOR_COUNT][2]; /* what is in the guest's memory, armed or not */
};

struct rs_hooks;

/* Why nothing but MSRs is hooked for a time, or for ever. X(name, text) */
#define RS_UNHOOKABLE(X)                                                                           \
    X(MODE, "it ran outside 64-bit mode, or without paging")                                       \
    X(LA57, "its page tables had five levels")                                                     \
    X(SLOT, "its page tables left no entry of the upper half free")

enum rs_unhookable {
#define X(name, text) RS_UNHOOKABLE_##name,
    RS_UNHOOKABLE(X)
#undef X
};

/*
 * What the vCPUs of a machine have in common. Code, page tables and often the IDT are shared, and a
 * thread that enters on one vCPU may return on another.
 *
 * With one vCPU nothing is locked. With several `lock` is held for a few hundred nanoseconds at a
 * time, and never while the stream is waited for.
 */
struct rs_hook_set {
    struct rs_vm *vm;
    struct rs_hooks_config config;
    bool active; /* anything at all is hooked */
    bool several;
    bool out_in_window;     /* an entry leaves by OUT */
    atomic_uint unhookable; /* bits of enum rs_unhookable that came up */
    pthread_mutex_t lock;   /* taken when there are several vCPUs */
    unsigned cpu_count;
    struct rs_hooks *cpus[RS_CPUS_MAX];

    /* Changed only while no vCPU runs: rs_hooks_arm(). */
    bool muted; /* disarmed: nothing is reported, only what repair needs is hooked */
    bool vector_wanted[RS_VECTOR_COUNT]; /* reported, or needed for repair */
    bool lstar_wanted;
    bool returns_wanted; /* an entry may be reported */

    /* With `lock`. */
    struct rs_hooked_idt idts[RS_CPUS_MAX];
    uint64_t window_gva; /* 0: not there yet */
    struct rs_spans spans;
    struct rs_filter_memory *filtered; /* owned; of the entries in `spans`, by vCPU */

    /* sites.c. Found before any vCPU runs. */
    struct rs_return_site sites[RS_SITES_MAX];
    struct rs_place places[RS_SITES_MAX]; /* of the sites, found when they are first patched */
    size_t site_count;
    atomic_bool sites_armed;
};

/* Of one vCPU. Its thread's alone. */
struct rs_hooks {
    struct rs_hook_set *set;
    struct rs_vcpu *vcpu;
    struct rs_stream *stream;

    /* Set by the run loop: TSC when KVM_RUN returned. */
    uint64_t tsc_exit;
    struct rs_record *pending; /* reported, waiting for its resume time */
    uint64_t sequence;
    struct rs_hooks_counts counts;
    struct rs_marks marks;
    struct rs_call calls[RS_CALLS_MAX]; /* by sequence number; with the set's lock */
    bool hidden_entry;                  /* this exit's entry is followed, not reported */
    uint16_t depth;                     /* of entries around what comes next */
    enum rs_vendor vendor;

    uint64_t exit_number; /* from 1 */
    struct rs_kept_page pages[RS_HOOKS_PAGES];

    /* The MSRs that steer SYSCALL, as the guest wrote them. */
    uint64_t star, lstar, cstar, fmask;

    /* window.c */
    uint64_t window_gva; /* 0: not in any root of this vCPU yet */
    uint64_t window_cr3; /* the last root that is known to have it */
    bool ring3_entered;  /* with two_roots: ring 3's root has it, too */

    /* gates.c */
    bool lstar_armed;
    struct rs_hooked_idt *idt; /* NULL: none */
    uint64_t idt_base;         /* IDTR of then; 0: none */
    uint16_t idt_limit;

    struct rs_known_delivery known[RS_KNOWN_MAX];       /* by vector */
    struct rs_known_return known_returns[RS_KNOWN_MAX]; /* by site */

    /* sites.c */
    int site_lifted; /* put back at the next exit; -1: none */
    /* What the model says that the last return left; compared when the next transition comes from
     * the very instruction that it went to. */
    struct rs_context returned;
    uint64_t returned_registers; /* rs_hooks_registers() then */
    bool has_returned;
};

/* The MSR hooks, in KVM. Before rs_vm_create_irqchip(): like a memory slot, a filter that is set
 * later waits several milliseconds for a grace period of the kernel. */
int rs_hooks_filter_msrs(const struct rs_hooks_config *config, struct rs_vm *vm,
                         struct rs_error *error);
/* What is common to the vCPUs: needs no KVM. kernel NULL: nothing is known of its returns. Freed by
 * rs_hook_set_free(), whatever is returned. */
int rs_hook_set_init(struct rs_hook_set *set, const struct rs_hooks_config *config,
                     struct rs_vm *vm, unsigned cpu_count, const struct rs_blob *kernel,
                     struct rs_error *error);
void rs_hook_set_free(struct rs_hook_set *set);
/* One vCPU's hooks, zeroed before. */
void rs_hooks_init(struct rs_hooks *hooks, struct rs_hook_set *set, struct rs_vcpu *vcpu,
                   struct rs_stream *stream);

/* Disarms everything but what repair needs, or arms it again, on all vCPUs, while each stands at an
 * exit. IDT entries, LSTAR and return sites get the guest's own contents back. */
void rs_hooks_arm(struct rs_hook_set *set, bool armed);

/* KVM_SET_GUEST_DEBUG as the kinds of hooks that are armed need it. Returns 0 or -errno. */
int rs_hooks_guest_debug(struct rs_hooks *hooks);

void rs_hooks_sync_active(struct rs_hooks *hooks);

/* At every exit: arms what has become possible, follows IDTR and CR3. */
static inline void rs_hooks_sync(struct rs_hooks *hooks)
{
    hooks->exit_number++;
    if (hooks->set->active)
        rs_hooks_sync_active(hooks);
}

/* Just before the guest runs on: stamps and publishes the event of this exit. */
void rs_hooks_resume(struct rs_hooks *hooks, uint64_t tsc);

/* The exits. rs_hooks_msr() completes the access: 0; 1 when it must raise #GP; -errno
 * when the host could not do it. */
int rs_hooks_msr(struct rs_hooks *hooks, uint32_t index, bool write, uint64_t *value);
enum rs_fetch rs_hooks_fetch(struct rs_hooks *hooks);
/* OTHER: this OUT is the guest's own. */
enum rs_fetch rs_hooks_out(struct rs_hooks *hooks);
/* KVM_EXIT_DEBUG. An INT3 of the guest's own is given back to it; OTHER: that cannot be done. */
enum rs_fetch rs_hooks_breakpoint(struct rs_hooks *hooks);

static inline bool rs_hooks_is_out(const struct rs_hooks *hooks, uint16_t port)
{
    return port == RS_PORT_SITE && hooks->set->active;
}

#endif
