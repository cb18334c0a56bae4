/* SPDX-License-Identifier: MIT
 * Filters: what is hooked, and which events are reported. docs/filter.md is the language. */
#ifndef RINGSCOPE_FILTER_H
#define RINGSCOPE_FILTER_H

#include <ringscope/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A filter is made of restrictions (-e KIND=VALUES: each replaces the one before it of its kind)
 * and of an expression (--filter; several are joined by `and`). What is true of an event in both is
 * reported; what can be true of no event of a vector, service or MSR is not hooked.
 *
 * Restrictions alone are sets of bits. An expression is a program of tests, of fixed size. From it
 * come the sets of what may be reported; where they decide alone, `exact`, the program never runs.
 */
#define RS_FILTER_MSR_RANGES_MAX 16
#define RS_FILTER_TESTS_MAX 64
#define RS_FILTER_VALUES_MAX 256 /* ranges, of all tests together */
#define RS_FILTER_NESTING_MAX 32
/* Two operands make an `and` or `or`, and each of these nodes may be negated once. */
#define RS_FILTER_CODE_MAX (4 * RS_FILTER_TESTS_MAX)

struct rs_filter_msr_range {
    uint32_t first, last; /* both included */
};

struct rs_filter_sets {
    uint64_t services[128]; /* bit = EAX bits 12:0: index | table << 12 */
    uint64_t vectors[4];    /* exceptions, INT n, NMI */
    uint64_t interrupts[4]; /* external interrupts */
    uint64_t kinds;         /* bit = event kind without service, vector or MSR */
    unsigned msr_range_count;
    struct rs_filter_msr_range msr_ranges[RS_FILTER_MSR_RANGES_MAX]; /* sorted, apart */
};

struct rs_filter_range {
    uint64_t first, last; /* both included */
};

struct rs_filter_test {
    uint8_t field;        /* enum rs_filter_field */
    bool negated;         /* true when the event has the field, with another value */
    bool present;         /* true when the event has the field */
    bool own;             /* of a return: about itself, not about its entry */
    uint16_t first_range; /* sorted, apart */
    uint16_t range_count;
};

struct rs_filter_program {
    unsigned test_count, code_count, range_count;
    uint64_t at_return;   /* bit = test that is made on the return itself */
    bool tells_direction; /* an entry and its return may differ in a word like `return` */
    struct rs_filter_test tests[RS_FILTER_TESTS_MAX];
    struct rs_filter_range ranges[RS_FILTER_VALUES_MAX];
    uint8_t code[RS_FILTER_CODE_MAX]; /* postfix: a test's number, or enum rs_filter_code */
};

struct rs_filter {
    struct rs_filter_sets hooked; /* what may be reported */
    bool exact;                   /* all that is in `hooked` is reported */
    bool msr_restricted;          /* by -e msr= */
    uint64_t tsc_hz;              /* 0: durations are not known */
    uint64_t empty_span;          /* ticks, taken off durations */
    struct rs_filter_sets given;  /* restrictions */
    struct rs_filter_program program;
};

struct rs_filter_error {
    char message[224]; /* one line, without a newline */
    size_t column;     /* bytes from 0 in the expression, where it is wrong */
};

/* What the caller of rs_filter_expression() knows of addresses. */
struct rs_filter_symbols {
    /* The addresses of an image, of image!function or of image!function+offset. Returns 0, or -1
     * with `message` filled. NULL: there are no symbols. */
    int (*resolve)(void *context, const char *name, size_t length, struct rs_filter_range *range,
                   char *message, size_t size);
    void *context;
};

/* Everything, and the MSRs whose row says `hooked`. */
void rs_filter_init(struct rs_filter *filter);
/* Everything, and all MSRs: for events of a trace, which is filtered already. */
void rs_filter_init_trace(struct rs_filter *filter);
/* One restriction: [KIND=][!]VALUE[,VALUE...], as strace(1) has it for -e. Returns 0, or -1 with
 * *error filled and *filter unchanged; so does rs_filter_expression(). */
int rs_filter_parse(struct rs_filter *filter, const char *expression,
                    struct rs_filter_error *error);
int rs_filter_expression(struct rs_filter *filter, const char *expression,
                         const struct rs_filter_symbols *symbols, struct rs_filter_error *error);
/* Before events are judged by durations. */
void rs_filter_set_clock(struct rs_filter *filter, uint64_t tsc_hz, uint64_t empty_span);

/* What is hooked. */
bool rs_filter_service(const struct rs_filter *filter, uint32_t eax);
bool rs_filter_any_service(const struct rs_filter *filter);
bool rs_filter_vector(const struct rs_filter *filter, uint8_t vector);
bool rs_filter_interrupt(const struct rs_filter *filter, uint8_t vector);
bool rs_filter_msr(const struct rs_filter *filter, uint32_t index);

/* What is remembered of entries until they return, of one vCPU. Begins as zero bytes. */
#define RS_FILTER_DEPTH_MAX 4096
struct rs_filter_memory {
    struct rs_filter_entry {
        uint64_t key;    /* of its sequence; 0: none */
        uint64_t passed; /* bit = test that is true of it */
    } open[RS_FILTER_DEPTH_MAX];
};

/* A return whose entry was not reported says so in entry_sequence. */
#define RS_SEQUENCE_HIDDEN UINT64_MAX

#define RS_FILTER_SHOWN 1    /* the event is reported */
#define RS_FILTER_FOLLOWED 2 /* an entry: its return may be reported */

/* The bits of what is to be done with an event. Its depth and sequence tell which return belongs to
 * which entry. */
unsigned rs_filter_judge(const struct rs_filter *filter, struct rs_filter_memory *memory,
                         const struct rs_event *event);
/* The entry that was judged last has got its number after that; RS_SEQUENCE_HIDDEN: it has none,
 * and its return will say so. */
void rs_filter_number(struct rs_filter_memory *memory, const struct rs_event *entry);

/* Whose memory an event is judged with: a return's entry may have been another vCPU's. */
static inline unsigned rs_filter_vcpu(const struct rs_event *event)
{
    return rs_event_direction(event->kind) == RS_DIRECTION_RETURN ? event->entry_vcpu : event->vcpu;
}

/* Whether an event of a trace is reported. */
static inline bool rs_filter_event(const struct rs_filter *filter, struct rs_filter_memory *memory,
                                   const struct rs_event *event)
{
    return (rs_filter_judge(filter, memory, event) & RS_FILTER_SHOWN) != 0;
}

#endif
