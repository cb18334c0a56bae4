/* SPDX-License-Identifier: MIT
 * Hooks: what makes transitions leave the guest, and what is done with each. */
#ifndef RINGSCOPE_HOOKS_H
#define RINGSCOPE_HOOKS_H

#include "blob.h"
#include "error.h"
#include "known.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "marks.h"
#include "memory/translation.h"
#include "returns.h"
#include "spans.h"
#include "trace/filter.h"
#include "trace/stream.h"

#include <ringscope/x86/vectors.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * MSR hook   KVM's MSR filter on the registers that the filter names and that steer SYSCALL
 * gate hook  LSTAR, or the offset of an IDT entry, replaced by an address in the gate window,
 *            behind which there is no memory: the fetch exits with every register intact
 * site hook  `out imm8, al` over the first two bytes of an IRETQ or SYSRETQ; the instruction then
 *            runs from a pristine copy. In place only while an entry that was reported is open.
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
    uint32_t string_size;           /* bytes shown of what an argument points to; 0: nothing */
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

struct rs_hooks {
    struct rs_vm *vm;
    struct rs_vcpu *vcpu;
    struct rs_stream *stream;
    struct rs_hooks_config config;
    bool active; /* anything at all is hooked */
    bool muted;  /* disarmed: nothing is reported, only what repair needs is hooked */

    /* Set by the run loop: TSC when KVM_RUN returned. */
    uint64_t tsc_exit;
    struct rs_record *pending; /* reported, waiting for its resume time */
    uint64_t sequence;
    struct rs_hooks_counts counts;
    struct rs_spans spans;
    struct rs_marks marks;
    struct rs_call calls[RS_CALLS_MAX]; /* by sequence number */
    struct rs_filter_memory filtered;   /* of the entries in `spans` */
    bool hidden_entry;                  /* this exit's entry is followed, not reported */
    enum rs_vendor vendor;

    uint64_t exit_number; /* from 1 */
    struct rs_kept_page pages[RS_HOOKS_PAGES];

    /* The MSRs that steer SYSCALL, as the guest wrote them. */
    uint64_t star, lstar, cstar, fmask;

    /* window.c */
    uint64_t window_gva; /* 0: not there yet */
    uint64_t window_cr3; /* the last root that is known to have it */
    bool ring3_entered;  /* with two_roots: ring 3's root has it, too */

    /* gates.c */
    bool vector_wanted[RS_VECTOR_COUNT]; /* reported, or needed for repair */
    bool lstar_wanted;
    bool lstar_armed;
    uint64_t idt_base; /* of the armed IDT; 0: none */
    uint16_t idt_limit;
    uint64_t gates[RS_VECTOR_COUNT][2]; /* the guest's own gates */
    bool gate_armed[RS_VECTOR_COUNT];

    struct rs_known_delivery known[RS_KNOWN_MAX];       /* by vector */
    struct rs_known_return known_returns[RS_KNOWN_MAX]; /* by site */

    /* sites.c */
    struct rs_return_site sites[RS_SITES_MAX];
    struct rs_place places[RS_SITES_MAX]; /* of the sites, found when they are first patched */
    size_t site_count;
    bool sites_armed;
    int site_lifted; /* put back at the next exit; -1: none */
    /* What the model says that the last return left; compared when the next transition comes from
     * the very instruction that it went to. */
    struct rs_context returned;
    bool has_returned;
};

/* The MSR hooks, in KVM. Before rs_vm_create_irqchip(): like a memory slot, a filter that is set
 * later waits several milliseconds for a grace period of the kernel. */
int rs_hooks_filter_msrs(const struct rs_hooks_config *config, struct rs_vm *vm,
                         struct rs_error *error);
/* Everything else: needs no KVM. */
int rs_hooks_init(struct rs_hooks *hooks, const struct rs_hooks_config *config, struct rs_vm *vm,
                  struct rs_vcpu *vcpu, struct rs_stream *stream, const struct rs_blob *kernel,
                  struct rs_error *error);
void rs_hooks_free(struct rs_hooks *hooks);

/* Disarms everything but what repair needs, or arms it again, while the guest stands at an exit.
 * IDT entries, LSTAR and return sites get the guest's own contents back. */
void rs_hooks_arm(struct rs_hooks *hooks, bool armed);

/* At every exit: arms what has become possible, follows IDTR and CR3. */
void rs_hooks_sync(struct rs_hooks *hooks);

/* Just before the guest runs on: stamps and publishes the event of this exit. */
void rs_hooks_resume(struct rs_hooks *hooks, uint64_t tsc);

/* The exits. rs_hooks_msr() completes the access: 0, or -1 when it must raise #GP. */
int rs_hooks_msr(struct rs_hooks *hooks, uint32_t index, bool write, uint64_t *value);
enum rs_fetch rs_hooks_fetch(struct rs_hooks *hooks);
bool rs_hooks_site(struct rs_hooks *hooks);

static inline bool rs_hooks_is_site(const struct rs_hooks *hooks, uint16_t port)
{
    return port == RS_PORT_SITE && hooks->site_count > 0;
}

#endif
