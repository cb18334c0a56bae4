/* SPDX-License-Identifier: MIT
 * Looking at a machine that has stopped, as a debugger would. */
#ifndef RINGSCOPE_INSPECT_H
#define RINGSCOPE_INSPECT_H

#include "machine/machine.h"
#include "symbols/symbols.h"
#include "view.h"

/*
 * X(topic, summary). Each is a view: rs_inspect_<topic>(). In the order in which they are printed.
 */
#define RS_INSPECT_TOPICS(X)                                                                       \
    X(cpu, "where it stopped: registers, control registers, table registers")                      \
    X(idt, "interrupt descriptor table: raw gates, fields, handlers, stacks")                      \
    X(gdt, "global descriptor table")                                                              \
    X(tss, "task-state segment: RSP0, IST1-7, I/O map")                                            \
    X(msr, "model-specific registers that ringscope knows")                                        \
    X(ssdt, "service table: raw entries, arguments, targets")                                      \
    X(pt, "page-table walk of ADDRESS... (RIP, RSP and well-known ones)")                          \
    X(stacks, "the stacks that the processor may switch to, and the current one")                  \
    X(pcr, "processor control region, as the kernel's debug information has it")

enum rs_inspect_topic {
#define X(topic, summary) RS_INSPECT_##topic,
    RS_INSPECT_TOPICS(X)
#undef X
    RS_INSPECT_TOPIC_COUNT
};

#define RS_INSPECT_ADDRESSES_MAX 16
#define RS_INSPECT_PCR_TYPE "kpcr" /* in the kernel's debug information */

/* After rs_inspect_begin() memory, MSRs and tables are the guest's own. */
struct rs_inspection {
    struct rs_machine *machine;
    struct rs_vcpu *vcpu;             /* the one that stopped it */
    const struct rs_symbols *symbols; /* may be NULL */
    struct rs_cpu_state state;
    bool gate_hooked[RS_VECTOR_COUNT]; /* until it stopped */
    bool lstar_hooked;
    bool has_root;
    uint64_t root; /* pt: CR3 to walk from, instead of the state's */
    /* CR3 in ring 0 and in ring 3, when they differ (KVA shadow); else 0 */
    uint64_t kernel_root, user_root;
    bool all; /* also what is usually of no interest */
    uint64_t addresses[RS_INSPECT_ADDRESSES_MAX];
    unsigned address_count; /* 0: the usual ones */
};

/* Takes the hooks out of a machine whose threads have ended, and reads its state. It cannot run on.
 */
void rs_inspect_begin(struct rs_inspection *inspection, struct rs_machine *machine,
                      const struct rs_symbols *symbols);

/* Fills an initialised view. Returns 0, or -1: this guest has no such thing. */
typedef int (*rs_inspect_fn)(const struct rs_inspection *inspection, struct rs_view *view,
                             struct rs_error *error);
extern const struct rs_inspect_row {
    const char *name, *summary;
    rs_inspect_fn fill;
} rs_inspect_topics[RS_INSPECT_TOPIC_COUNT];

#define X(topic, summary)                                                                          \
    int rs_inspect_##topic(const struct rs_inspection *inspection, struct rs_view *view,           \
                           struct rs_error *error);
RS_INSPECT_TOPICS(X)
#undef X

/* What the views share. Reads guest memory through the root of the state, or else through that of
 * the kernel: 0 or -1. */
int rs_inspect_read(const struct rs_inspection *inspection, uint64_t gva, void *buffer,
                    size_t size);
/* "ntoskrnl!KiPageFault", or "" when no function holds the address. */
const char *rs_inspect_function(const struct rs_inspection *inspection, uint64_t address,
                                char text[static RS_SYMBOL_TEXT_MAX]);
/* What lies just below the top of a stack: "ntoskrnl!KiIstStacks+0x3000", or "". */
const char *rs_inspect_stack(const struct rs_inspection *inspection, uint64_t top,
                             char text[static RS_SYMBOL_TEXT_MAX]);
/* The function or object that an address points into, or "". */
const char *rs_inspect_data(const struct rs_inspection *inspection, uint64_t address,
                            char text[static RS_SYMBOL_TEXT_MAX]);
/* The TSS that TR names, 104 bytes. 0 or -1. */
int rs_inspect_read_tss(const struct rs_inspection *inspection, uint8_t *bytes);
/* IA32_GS_BASE and IA32_KERNEL_GS_BASE: the one that is the kernel's now. 0 or -1. */
int rs_inspect_pcr_base(const struct rs_inspection *inspection, uint64_t *base, const char **where);

#endif
