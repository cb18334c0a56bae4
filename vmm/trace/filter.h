/* SPDX-License-Identifier: MIT
 * Filters in strace's manner: what is hooked and reported. */
#ifndef RINGSCOPE_FILTER_H
#define RINGSCOPE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An expression is [KIND=][!]VALUE[,VALUE...], as strace(1) has it for -e:
 *   KIND   syscall (also when it is missing), exception, interrupt or msr
 *   !      all values but these; `all` and `none` stand in place of the values
 *   VALUE  a name, a number (decimal, or hexadecimal after 0x), or a range FIRST-LAST of those
 * Names: services as in <ringscope/nt/services.h>, letter case counting; vectors' mnemonics, also
 * with '#'; MSRs as in <ringscope/x86/msr.h>, also with MSR_ or IA32_ before them. `exception` is
 * exceptions, INT n and NMI; `interrupt` is external interrupts, named by their mnemonics too.
 * A later expression of one kind replaces an earlier one, and leaves the other kinds alone.
 */

#define RS_FILTER_MSR_RANGES_MAX 16

struct rs_filter_msr_range {
    uint32_t first, last; /* both included */
};

struct rs_filter {
    uint64_t services[128]; /* bit = EAX bits 12:0: index | table << 12 */
    uint64_t vectors[4];    /* exceptions, INT n, NMI */
    uint64_t interrupts[4]; /* external interrupts */
    unsigned msr_range_count;
    struct rs_filter_msr_range msr_ranges[RS_FILTER_MSR_RANGES_MAX]; /* sorted, apart */
};

struct rs_filter_error {
    char message[224]; /* one line, without a newline */
    size_t column;     /* bytes from 0 in the expression, where it is wrong */
};

/* Everything, and the MSRs whose row says `hooked`. */
void rs_filter_init(struct rs_filter *filter);
/* One -e expression. Returns 0, or -1 with *error filled and *filter unchanged. */
int rs_filter_parse(struct rs_filter *filter, const char *expression,
                    struct rs_filter_error *error);

bool rs_filter_service(const struct rs_filter *filter, uint32_t eax);
bool rs_filter_any_service(const struct rs_filter *filter);
bool rs_filter_vector(const struct rs_filter *filter, uint8_t vector);
bool rs_filter_interrupt(const struct rs_filter *filter, uint8_t vector);
bool rs_filter_msr(const struct rs_filter *filter, uint32_t index);

#endif
