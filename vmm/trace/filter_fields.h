/* SPDX-License-Identifier: MIT
 * The one table of what an expression can ask of an event: parser, evaluation, --help and
 * docs/filter.md come from it. */
#ifndef RINGSCOPE_TRACE_FILTER_FIELDS_H
#define RINGSCOPE_TRACE_FILTER_FIELDS_H

#include <ringscope/layout.h>

/*
 * X(field, name, domain, scope, values, text)
 *   domain  a row of RS_FILTER_DOMAINS: what its values may be
 *   scope   ENTRY: a return is asked what its entry was asked
 *           EVERY: the same, and there is no event without it
 *           RETURN: only returns have it; open while an entry has not returned
 *   values  what stands behind `=`, for the table in docs/filter.md
 */
#define RS_FILTER_FIELDS(X)                                                                        \
    X(SYSCALL, "syscall", SERVICE, ENTRY, "service", "service that a SYSCALL asks for")            \
    X(SERVICE, "service", SERVICE, ENTRY, "service", "service that a SYSCALL or INT 2E asks for")  \
    X(CLASS, "class", CLASS, ENTRY, "class", "class of that service")                              \
    X(EXCEPTION, "exception", EXCEPTION, ENTRY, "vector", "vector of an exception, INT n or NMI")  \
    X(INTERRUPT, "interrupt", INTERRUPT, ENTRY, "vector", "vector of an external interrupt")       \
    X(VECTOR, "vector", VECTOR, ENTRY, "vector", "vector of either")                               \
    X(MSR, "msr", MSR, ENTRY, "MSR", "MSR that is written or read")                                \
    X(VALUE, "value", NUMBER, ENTRY, "number", "value written to or read from an MSR")             \
    X(CPL, "cpl", CPL, ENTRY, "0 to 3", "privilege level, or ring, that the transition leaves")    \
    X(RIP, "rip", ADDRESS, ENTRY, "address", "instruction pointer that the transition leaves")     \
    X(CR2, "cr2", ADDRESS, ENTRY, "address", "address of a page fault")                            \
    X(CR3, "cr3", NUMBER, EVERY, "number", "CR3: whose address space")                             \
    X(VCPU, "vcpu", VCPU, EVERY, "0 to 15", "vCPU that the transition is on")                      \
    X(ERROR, "error", ERROR, ENTRY, "number", "error code of an exception that pushes one")        \
    X(IST, "ist", IST, ENTRY, "0 to 7", "interrupt stack of the gate, 0 for none")                 \
    X(DEPTH, "depth", DEPTH, EVERY, "number", "reported entries that are open around it")          \
    X(DEVIATION, "deviation", DEVIATION, ENTRY, "deviation",                                       \
      "what the host did otherwise than the SDM says")                                             \
    X(REPAIRED, "repaired", NONE, ENTRY, "", "the deviation was put right")                        \
    X(STATUS, "status", STATUS, RETURN, "status", "NTSTATUS of a service")                         \
    X(DURATION, "duration", DURATION, RETURN, "time", "from the entry to this return")             \
    X(TO, "to", ADDRESS, RETURN, "address", "instruction pointer that the return goes to")

/* Other names of fields. X(name, field) */
#define RS_FILTER_ALIASES(X) X("ring", CPL)

/* X(domain, noun, maximum): the names of values are in filter_names.c. */
#define RS_FILTER_DOMAINS(X)                                                                       \
    X(NONE, "value", 0)                                                                            \
    X(SERVICE, "service", RS_SERVICE_INDEX_MASK | 1 << RS_SERVICE_TABLE_SHIFT)                     \
    X(CLASS, "class", RS_SERVICE_CLASS_COUNT - 1)                                                  \
    X(EXCEPTION, "exception", RS_VECTOR_COUNT - 1)                                                 \
    X(INTERRUPT, "interrupt", RS_VECTOR_COUNT - 1)                                                 \
    X(VECTOR, "vector", RS_VECTOR_COUNT - 1)                                                       \
    X(MSR, "MSR", UINT32_MAX)                                                                      \
    X(STATUS, "status", UINT32_MAX)                                                                \
    X(DEVIATION, "deviation", RS_DEVIATION_COUNT - 1)                                              \
    X(CPL, "privilege level", 3)                                                                   \
    X(IST, "interrupt stack", 7)                                                                   \
    X(VCPU, "vCPU", RS_CPUS_MAX - 1)                                                               \
    X(DEPTH, "depth", UINT16_MAX)                                                                  \
    X(ERROR, "error code", UINT32_MAX)                                                             \
    X(NUMBER, "number", UINT64_MAX)                                                                \
    X(ADDRESS, "address", UINT64_MAX)                                                              \
    X(DURATION, "time", UINT64_MAX)

enum rs_filter_field {
#define X(field, name, domain, scope, values, text) RS_FILTER_##field,
    RS_FILTER_FIELDS(X)
#undef X
    RS_FILTER_FIELD_COUNT,
    RS_FILTER_KIND = RS_FILTER_FIELD_COUNT /* the kind of event: words, not a field */
};

enum rs_filter_domain_id {
#define X(domain, noun, maximum) RS_FILTER_DOMAIN_##domain,
    RS_FILTER_DOMAINS(X)
#undef X
    RS_FILTER_DOMAIN_COUNT
};

#endif
