/* SPDX-License-Identifier: MIT
 * The one table of what `ringscope bench` can measure. */
#ifndef RINGSCOPE_BENCH_ITEMS_H
#define RINGSCOPE_BENCH_ITEMS_H

#include "hooks/kinds.h"

#include <ringscope/bench.h>
#include <ringscope/stamp.h>
#include <stdbool.h>
#include <stddef.h>

/* Machines that guest code is timed in, and the host itself. In those that are traced, hooks are of
 * one kind wherever it works. X(name, id, text) */
#define RS_BENCH_VARIANTS(X)                                                                       \
    X(PLAIN, "plain", "nothing hooked but what repair needs")                                      \
    X(KVA, "kva", "KVA shadow, PCID hidden")                                                       \
    X(KVA_PCID, "kva-pcid", "KVA shadow with PCID")                                                \
    X(TRACED, "traced", "system calls, #UD and MSR accesses hooked")                               \
    X(TRACED_SITE, "traced-site", "the same, by sites")                                            \
    X(TRACED_INT3, "traced-int3", "the same, by INT3")                                             \
    X(TRACED_BREAKPOINT, "traced-breakpoint", "the same, by debug registers")                      \
    X(HOST, "host", "the host's own kernel")

enum rs_bench_variant {
#define X(name, id, text) RS_BENCH_##name,
    RS_BENCH_VARIANTS(X)
#undef X
    RS_BENCH_VARIANT_COUNT
};

/* What the host does itself. X(name, what one record spans) */
#define RS_NATIVE_OPERATIONS(X)                                                                    \
    X(EMPTY, "two stamps, one after the other")                                                    \
    X(GETPPID, "getppid() by SYSCALL")                                                             \
    X(READ, "read() of one byte of /dev/zero")                                                     \
    X(WRITE, "write() of one byte to /dev/null")                                                   \
    X(SIGNAL, "a signal to this thread; point 1: its handler")                                     \
    X(RUN, "KVM_RUN of a guest that does nothing but OUT")

enum rs_native_operation {
#define X(name, text) RS_NATIVE_##name,
    RS_NATIVE_OPERATIONS(X)
#undef X
    RS_NATIVE_COUNT
};

/* What an item depends on: bits of rs_bench_item.needs. */
#define RS_BENCH_RING_0 0x1     /* instructions of guest ring 0 are in it */
#define RS_BENCH_SYSCALL 0x2    /* SYSCALL in ring 3 */
#define RS_BENCH_INT_N 0x4      /* INT n in ring 3 */
#define RS_BENCH_UD 0x8         /* #UD: KVM intercepts it, whatever is hooked */
#define RS_BENCH_USER_EXIT 0x10 /* leaves to user space on purpose */
#define RS_BENCH_AT_ENTRY 0x20  /* the hook of SYSCALL, of its variant's kind */
#define RS_BENCH_AT_RETURN 0x40 /* the hook of the return, of its variant's kind */

/* Shorthands of the table. */
#define RS_BENCH_CALL (RS_BENCH_RING_0 | RS_BENCH_SYSCALL)
#define RS_BENCH_POINTS(from, to) from, to
#define RS_BENCH_ENTRY_HOOK (RS_BENCH_CALL | RS_BENCH_USER_EXIT | RS_BENCH_AT_ENTRY)
#define RS_BENCH_RETURN_HOOK (RS_BENCH_CALL | RS_BENCH_USER_EXIT | RS_BENCH_AT_RETURN)
#define RS_BENCH_ROUND RS_BENCH_POINTS(RS_STAMP_BEFORE, RS_STAMP_AFTER)

/*
 * X(name, group, variant, operation, points, needs, title): the time between two points of each
 * record of the operation in that variant. KVA: the same for both of its variants.
 */
#define RS_BENCH_KVA_ITEMS(X, id, variant)                                                         \
    X(id "-syscall", "kva", variant, SYSCALL, RS_BENCH_ROUND, RS_BENCH_CALL, "null service")       \
    X(id "-syscall-1", "kva", variant, SYSCALL_1, RS_BENCH_ROUND, RS_BENCH_CALL, "1 argument")     \
    X(id "-syscall-4", "kva", variant, SYSCALL_4, RS_BENCH_ROUND, RS_BENCH_CALL, "4 arguments")    \
    X(id "-syscall-8", "kva", variant, SYSCALL_8, RS_BENCH_ROUND, RS_BENCH_CALL, "8 arguments")    \
    X(id "-syscall-12", "kva", variant, SYSCALL_12, RS_BENCH_ROUND, RS_BENCH_CALL, "12 arguments") \
    X(id "-syscall-table1", "kva", variant, SYSCALL_TABLE_1, RS_BENCH_ROUND, RS_BENCH_CALL,        \
      "second service table")                                                                      \
    X(id "-syscall-invalid", "kva", variant, SYSCALL_INVALID, RS_BENCH_ROUND, RS_BENCH_CALL,       \
      "invalid index")                                                                             \
    X(id "-int2e", "kva", variant, INT_2E, RS_BENCH_ROUND, RS_BENCH_RING_0 | RS_BENCH_INT_N,       \
      "null service by INT 2E")

#define RS_BENCH_PHASE_ITEMS(X, id, group, variant)                                                \
    X(id "-1-enter", group, variant, PHASES, RS_BENCH_POINTS(0, 1), RS_BENCH_CALL,                 \
      "ring 3 to the entry")                                                                       \
    X(id "-2-stack", group, variant, PHASES, RS_BENCH_POINTS(1, 2), RS_BENCH_CALL,                 \
      "stack switch, machine frame")                                                               \
    X(id "-3-frame", group, variant, PHASES, RS_BENCH_POINTS(2, 3), RS_BENCH_CALL,                 \
      "rest of the frame")                                                                         \
    X(id "-4-dispatch", group, variant, PHASES, RS_BENCH_POINTS(3, 4), RS_BENCH_CALL,              \
      "finding the service")                                                                       \
    X(id "-5-service", group, variant, PHASES, RS_BENCH_POINTS(4, 5), RS_BENCH_CALL,               \
      "the service")                                                                               \
    X(id "-6-exit", group, variant, PHASES, RS_BENCH_POINTS(5, 6), RS_BENCH_CALL,                  \
      "registers of ring 3")                                                                       \
    X(id "-7-return", group, variant, PHASES, RS_BENCH_POINTS(6, 7), RS_BENCH_CALL,                \
      "SYSRET to ring 3")

#define RS_BENCH_ITEMS(X)                                                                          \
    X("syscall", "syscall", PLAIN, SYSCALL, RS_BENCH_ROUND, RS_BENCH_CALL, "null service")         \
    X("syscall-1", "syscall", PLAIN, SYSCALL_1, RS_BENCH_ROUND, RS_BENCH_CALL, "1 argument")       \
    X("syscall-4", "syscall", PLAIN, SYSCALL_4, RS_BENCH_ROUND, RS_BENCH_CALL, "4 arguments")      \
    X("syscall-8", "syscall", PLAIN, SYSCALL_8, RS_BENCH_ROUND, RS_BENCH_CALL, "8 arguments")      \
    X("syscall-12", "syscall", PLAIN, SYSCALL_12, RS_BENCH_ROUND, RS_BENCH_CALL, "12 arguments")   \
    X("syscall-table1", "syscall", PLAIN, SYSCALL_TABLE_1, RS_BENCH_ROUND, RS_BENCH_CALL,          \
      "second service table")                                                                      \
    X("syscall-invalid", "syscall", PLAIN, SYSCALL_INVALID, RS_BENCH_ROUND, RS_BENCH_CALL,         \
      "invalid index")                                                                             \
    X("int2e", "syscall", PLAIN, INT_2E, RS_BENCH_ROUND, RS_BENCH_RING_0 | RS_BENCH_INT_N,         \
      "null service by INT 2E")                                                                    \
    RS_BENCH_PHASE_ITEMS(X, "phase", "phases", PLAIN)                                              \
    RS_BENCH_KVA_ITEMS(X, "kva", KVA)                                                              \
    RS_BENCH_PHASE_ITEMS(X, "kva-phase", "kva", KVA)                                               \
    RS_BENCH_KVA_ITEMS(X, "kva-pcid", KVA_PCID)                                                    \
    RS_BENCH_PHASE_ITEMS(X, "kva-pcid-phase", "kva", KVA_PCID)                                     \
    X("exception-ud", "exception", PLAIN, EXCEPTION_UD, RS_BENCH_ROUND,                            \
      RS_BENCH_CALL | RS_BENCH_UD, "#UD, handler, NtContinue")                                     \
    X("exception-bp", "exception", PLAIN, EXCEPTION_BP, RS_BENCH_ROUND, RS_BENCH_CALL,             \
      "#BP, handler, NtContinue")                                                                  \
    X("exception-de", "exception", PLAIN, EXCEPTION_DE, RS_BENCH_ROUND, RS_BENCH_CALL,             \
      "#DE, handler, NtContinue")                                                                  \
    X("exception-db", "exception", PLAIN, EXCEPTION_DB, RS_BENCH_ROUND, RS_BENCH_CALL,             \
      "#DB of a single step, handler, NtContinue")                                                 \
    X("exception-pf", "exception", PLAIN, EXCEPTION_PF, RS_BENCH_ROUND, RS_BENCH_CALL,             \
      "#PF, handler, NtContinue")                                                                  \
    X("exception-pf-handler", "exception", PLAIN, EXCEPTION_PF, RS_BENCH_POINTS(0, 1),             \
      RS_BENCH_RING_0, "#PF to the first instruction of its handler")                              \
    X("exception-pf-resume", "exception", PLAIN, EXCEPTION_PF, RS_BENCH_POINTS(1, 7),              \
      RS_BENCH_CALL, "the handler's return to the program")                                        \
    X("exception-pf-served", "exception", PLAIN, PF_SERVED, RS_BENCH_ROUND, RS_BENCH_RING_0,       \
      "#PF of a page's first use")                                                                 \
    X("interrupt-ipi", "interrupt", PLAIN, IPI, RS_BENCH_POINTS(0, 1), RS_BENCH_RING_0,            \
      "self-IPI to what it has queued")                                                            \
    X("interrupt-timer", "interrupt", PLAIN, TIMER, RS_BENCH_ROUND, RS_BENCH_RING_0,               \
      "one-shot timer, armed to handled")                                                          \
    X("nmi", "interrupt", PLAIN, NMI, RS_BENCH_ROUND, RS_BENCH_RING_0, "NMI to itself, and back")  \
    X("context-switch", "switch", PLAIN, SWITCH, RS_BENCH_ROUND, RS_BENCH_CALL,                    \
      "NtYieldExecution to another thread and back")                                               \
    X("return-sysret", "return", PLAIN, PHASES, RS_BENCH_POINTS(6, 7), RS_BENCH_CALL,              \
      "SWAPGS, SYSRETQ")                                                                           \
    X("return-iret", "return", PLAIN, PHASES_IRET, RS_BENCH_POINTS(6, 7), RS_BENCH_CALL,           \
      "SWAPGS, IRETQ")                                                                             \
    X("cr3-write", "cr3", PLAIN, CR3, RS_BENCH_ROUND, RS_BENCH_RING_0, "MOV to CR3")               \
    X("cr3-write-pcid", "cr3", KVA_PCID, CR3, RS_BENCH_ROUND, RS_BENCH_RING_0,                     \
      "MOV to CR3 with a PCID, flushed")                                                           \
    X("cr3-write-kept", "cr3", KVA_PCID, CR3_NO_FLUSH, RS_BENCH_ROUND, RS_BENCH_RING_0,            \
      "MOV to CR3 with a PCID, bit 63 set")                                                        \
    X("rdmsr", "msr", PLAIN, RDMSR, RS_BENCH_ROUND, RS_BENCH_RING_0, "RDMSR, not hooked")          \
    X("wrmsr", "msr", PLAIN, WRMSR, RS_BENCH_ROUND, RS_BENCH_RING_0, "WRMSR, not hooked")          \
    X("hook-rdmsr", "hook", TRACED, RDMSR_LSTAR, RS_BENCH_ROUND,                                   \
      RS_BENCH_RING_0 | RS_BENCH_USER_EXIT, "MSR hook: RDMSR")                                     \
    X("hook-wrmsr", "hook", TRACED, WRMSR_LSTAR, RS_BENCH_ROUND,                                   \
      RS_BENCH_RING_0 | RS_BENCH_USER_EXIT, "MSR hook: WRMSR")                                     \
    X("hook-gate", "hook", TRACED, PHASES, RS_BENCH_POINTS(0, 1),                                  \
      RS_BENCH_CALL | RS_BENCH_USER_EXIT, "gate hook: SYSCALL to the entry")                       \
    X("hook-site", "hook", TRACED, PHASES, RS_BENCH_POINTS(6, 7),                                  \
      RS_BENCH_CALL | RS_BENCH_USER_EXIT, "site hook: SYSRET to ring 3")                           \
    X("hook-site-entry", "hook", TRACED_SITE, PHASES, RS_BENCH_POINTS(0, 1), RS_BENCH_ENTRY_HOOK,  \
      "site hook: SYSCALL to the entry")                                                           \
    X("hook-int3-entry", "hook", TRACED_INT3, PHASES, RS_BENCH_POINTS(0, 1), RS_BENCH_ENTRY_HOOK,  \
      "INT3 hook: SYSCALL to the entry")                                                           \
    X("hook-int3-return", "hook", TRACED_INT3, PHASES, RS_BENCH_POINTS(6, 7),                      \
      RS_BENCH_RETURN_HOOK, "INT3 hook: SYSRET to ring 3")                                         \
    X("hook-breakpoint-entry", "hook", TRACED_BREAKPOINT, PHASES, RS_BENCH_POINTS(0, 1),           \
      RS_BENCH_ENTRY_HOOK, "breakpoint hook: SYSCALL to the entry")                                \
    X("hook-breakpoint-return", "hook", TRACED_BREAKPOINT, PHASES, RS_BENCH_POINTS(6, 7),          \
      RS_BENCH_RETURN_HOOK, "breakpoint hook: SYSRET to ring 3")                                   \
    X("hook-syscall", "hook", TRACED, SYSCALL, RS_BENCH_ROUND, RS_BENCH_CALL | RS_BENCH_USER_EXIT, \
      "null service, traced")                                                                      \
    X("hook-ud", "hook", TRACED, EXCEPTION_UD, RS_BENCH_ROUND,                                     \
      RS_BENCH_CALL | RS_BENCH_UD | RS_BENCH_USER_EXIT, "#UD to its handler and back, traced")     \
    X("exit-cpuid", "exit", PLAIN, CPUID, RS_BENCH_ROUND, RS_BENCH_RING_0,                         \
      "floor: CPUID, which KVM answers")                                                           \
    X("exit-pio", "exit", PLAIN, PIO, RS_BENCH_ROUND, RS_BENCH_RING_0 | RS_BENCH_USER_EXIT,        \
      "OUT, to ringscope and back")                                                                \
    X("exit-mmio", "exit", PLAIN, MMIO, RS_BENCH_ROUND, RS_BENCH_RING_0 | RS_BENCH_USER_EXIT,      \
      "load where no memory is, to ringscope and back")                                            \
    X("exit-run", "exit", HOST, NATIVE(RUN), RS_BENCH_ROUND, RS_BENCH_RING_0 | RS_BENCH_USER_EXIT, \
      "floor: KVM_RUN of a guest that does OUT")                                                   \
    X("host-getppid", "host", HOST, NATIVE(GETPPID), RS_BENCH_ROUND, 0, "getppid() by SYSCALL")    \
    X("host-read", "host", HOST, NATIVE(READ), RS_BENCH_ROUND, 0, "read(), 1 byte of /dev/zero")   \
    X("host-write", "host", HOST, NATIVE(WRITE), RS_BENCH_ROUND, 0, "write(), 1 byte")             \
    X("host-signal", "host", HOST, NATIVE(SIGNAL), RS_BENCH_ROUND, 0, "signal, handler, return")   \
    X("host-signal-handler", "host", HOST, NATIVE(SIGNAL), RS_BENCH_POINTS(0, 1), 0,               \
      "tgkill() to the handler")

#define RS_BENCH_NAME_MAX 32

struct rs_bench_item {
    const char *name, *group, *title;
    enum rs_bench_variant variant;
    unsigned operation; /* enum rs_operation, or enum rs_native_operation of HOST */
    unsigned from, to;
    unsigned needs;
};

/* In the order of the table; NULL past the last one. */
const struct rs_bench_item *rs_bench_item_at(size_t index);
const struct rs_bench_item *rs_bench_item_find(const char *name);

/* Whether `what` is this item's name or its group's. */
bool rs_bench_item_is(const struct rs_bench_item *item, const char *what);

/* Whether hooks are wanted of one kind in it, and which: *kind. */
bool rs_bench_variant_is_traced(enum rs_bench_variant variant, enum rs_hook_kind *kind);

const char *rs_bench_variant_id(enum rs_bench_variant variant);

#endif
