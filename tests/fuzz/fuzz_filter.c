/* SPDX-License-Identifier: MIT
 * Filter expressions made of arbitrary bytes and of the words that mean something in them. */
#include <string.h>

#include "fuzz.h"
#include "trace/filter.h"

static const char *const words[] = {
    "syscall=", "exception=", "interrupt=", "msr=",      "NtClose", "NtWriteFile",
    "ntclose",  "NtClos",     "#PF",        "UD",        "NMI",     "CLOCK",
    "LSTAR",    "MSR_",       "IA32_",      "all",       "none",    "!",
    ",",        "-",          "0x",         "0x20-0x2f", "1-5",     "4294967295",
};

/* Bytes below 80h are themselves; each other one is a word. */
static void build(struct fuzz_input *input, char *expression, size_t size)
{
    size_t used = 0;

    while (input->next < input->end) {
        unsigned byte = (unsigned)fuzz_take(input, 1);
        char letter[2] = {(char)byte, '\0'};
        const char *text = byte < 0x80 ? letter : words[byte % (sizeof(words) / sizeof(words[0]))];

        if (used + strlen(text) >= size)
            break;
        memcpy(expression + used, text, strlen(text));
        used += strlen(text);
    }
    expression[used] = '\0';
}

/* The complement of a selection selects the rest. */
static void check_complement(const char *expression, const struct rs_filter *filter)
{
    const char *equals = strchr(expression, '=');
    size_t kind = equals != NULL ? (size_t)(equals - expression) + 1 : 0;
    size_t length = strlen(expression);
    struct rs_filter other;
    struct rs_filter_error error;
    char *negated = malloc(length + 2);

    if (negated == NULL)
        abort();
    memcpy(negated, expression, kind);
    negated[kind] = '!';
    memcpy(negated + kind + 1, expression + kind, length - kind + 1);
    rs_filter_init(&other);
    /* A complement may need one range too many. */
    if (rs_filter_parse(&other, negated, &error) == 0 && (kind == 0 || expression[0] == 's'))
        for (uint32_t eax = 0; eax < 0x2000; eax++)
            FUZZ_CHECK(rs_filter_service(filter, eax) != rs_filter_service(&other, eax));
    free(negated);
}

static void check_ranges(const struct rs_filter *filter)
{
    FUZZ_CHECK(filter->msr_range_count <= RS_FILTER_MSR_RANGES_MAX);
    for (unsigned i = 0; i < filter->msr_range_count; i++) {
        const struct rs_filter_msr_range *range = &filter->msr_ranges[i];

        FUZZ_CHECK(range->first <= range->last);
        FUZZ_CHECK(i == 0 || range[-1].last + (uint64_t)1 < range->first);
        FUZZ_CHECK(rs_filter_msr(filter, range->first) && rs_filter_msr(filter, range->last));
    }
}

static bool same(const struct rs_filter *a, const struct rs_filter *b)
{
    return memcmp(a->services, b->services, sizeof(a->services)) == 0 &&
           memcmp(a->vectors, b->vectors, sizeof(a->vectors)) == 0 &&
           memcmp(a->interrupts, b->interrupts, sizeof(a->interrupts)) == 0 &&
           a->msr_range_count == b->msr_range_count &&
           memcmp(a->msr_ranges, b->msr_ranges, a->msr_range_count * sizeof(a->msr_ranges[0])) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    struct rs_filter filter, before;
    struct rs_filter_error error;
    char expression[1024];

    build(&input, expression, sizeof(expression));
    rs_filter_init(&filter);
    before = filter;
    if (rs_filter_parse(&filter, expression, &error) == 0) {
        check_ranges(&filter);
        check_complement(expression, &filter);
        return 0;
    }
    FUZZ_CHECK(same(&filter, &before));
    FUZZ_CHECK(error.message[0] != '\0' && strlen(error.message) < sizeof(error.message) - 1);
    FUZZ_CHECK(error.column <= strlen(expression));
    return 0;
}
