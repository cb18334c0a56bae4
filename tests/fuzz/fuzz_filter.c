/* SPDX-License-Identifier: MIT
 * Filters made of arbitrary bytes and of the words that mean something in them, and what they do
 * with arbitrary events. */
#include <string.h>

#include "fuzz.h"
#include "trace/filter_internal.h"

static const char *const words[] = {
    "syscall=",
    "exception=",
    "interrupt=",
    "msr=",
    "NtClose",
    "NtWriteFile",
    "ntclose",
    "NtClos",
    "#PF",
    "UD",
    "NMI",
    "CLOCK",
    "LSTAR",
    "MSR_",
    "IA32_",
    "all",
    "none",
    "!",
    ",",
    "-",
    "0x",
    "1-5",
    "4294967295",
    "status!=SUCCESS",
    "duration>",
    "10us",
    "1ms-2s",
    "return",
    "sysret",
    "entry",
    "exc",
    "int",
    "wrmsr",
    "point",
    "to=demo",
    "rip=demo!main",
    "cr2",
    "cr3",
    "error",
    "ist=",
    "depth",
    "repaired",
    "deviation",
    "RIP,FRAME",
    "class=",
    "memory",
    "service",
    "vector",
    "value",
    "cpl=0",
    "ring",
    "syscall",
    "exception",
    "interrupt",
    "msr",
    "mark",
    "console",
    "cr3 ",
    "status=failed",
    "0x2e",
    " and ",
    " or ",
    "not ",
    "(",
    ")",
    "=",
    "!=",
    "<",
    ">=",
    " and ",
    " or ",
    "not ",
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

static void check_ranges(const struct rs_filter_sets *sets)
{
    FUZZ_CHECK(sets->msr_range_count <= RS_FILTER_MSR_RANGES_MAX);
    for (unsigned i = 0; i < sets->msr_range_count; i++) {
        const struct rs_filter_msr_range *range = &sets->msr_ranges[i];

        FUZZ_CHECK(range->first <= range->last);
        FUZZ_CHECK(i == 0 || range[-1].last + (uint64_t)1 < range->first);
    }
}

static bool same_sets(const struct rs_filter_sets *a, const struct rs_filter_sets *b)
{
    return memcmp(a->services, b->services, sizeof(a->services)) == 0 &&
           memcmp(a->vectors, b->vectors, sizeof(a->vectors)) == 0 &&
           memcmp(a->interrupts, b->interrupts, sizeof(a->interrupts)) == 0 &&
           a->kinds == b->kinds && a->msr_range_count == b->msr_range_count &&
           memcmp(a->msr_ranges, b->msr_ranges, a->msr_range_count * sizeof(a->msr_ranges[0])) == 0;
}

static bool same(const struct rs_filter *a, const struct rs_filter *b)
{
    return same_sets(&a->hooked, &b->hooked) && same_sets(&a->given, &b->given) &&
           a->exact == b->exact && a->program.code_count == b->program.code_count;
}

/* Small numbers and those of the tables come often: they are what expressions have. */
static uint64_t take_number(struct fuzz_input *input)
{
    static const uint64_t numbers[] = {0x0f,       0x08,  14,         6,          0x2e,       0xd1,
                                       0xc0000082, 0x174, 0xc0000005, UINT64_MAX, 0x140000000};
    unsigned choice = fuzz_below(input, 32);

    if (choice < sizeof(numbers) / sizeof(numbers[0]))
        return numbers[choice];
    return fuzz_take(input, choice < 24 ? 1 : 8);
}

static void take_event(struct fuzz_input *input, struct rs_event *event)
{
    *event = (struct rs_event){
        .kind = (uint16_t)fuzz_below(input, RS_EVENT_KIND_COUNT),
        .entry_kind = (uint16_t)fuzz_below(input, RS_EVENT_KIND_COUNT + 1),
        .vector = (uint8_t)take_number(input),
        .code = (uint32_t)take_number(input),
        .entry_code = (uint32_t)take_number(input),
        .flags = (uint32_t)fuzz_take(input, 1),
        .deviations = (uint32_t)fuzz_take(input, 2),
        .error_code = (uint32_t)take_number(input),
        .from_cpl = (uint8_t)fuzz_below(input, 4),
        .ist = (uint8_t)fuzz_below(input, 8),
        .depth = (uint16_t)fuzz_below(input, 80),
        .from_rip = take_number(input),
        .to_rip = take_number(input),
        .cr2 = take_number(input),
        .cr3 = take_number(input),
        .value = take_number(input),
        .sequence = take_number(input),
        .entry_sequence = take_number(input),
        .tsc_exit = take_number(input),
        .entry_tsc = take_number(input),
    };
}

static bool is_hooked(const struct rs_filter *filter, const struct rs_event *event)
{
    switch (rs_event_group(event->kind)) {
    case RS_GROUP_SYSCALL:
        return rs_filter_service(filter, event->code);
    case RS_GROUP_EXCEPTION:
        return rs_filter_vector(filter, event->vector);
    case RS_GROUP_INTERRUPT:
        return rs_filter_interrupt(filter, event->vector);
    case RS_GROUP_MSR:
        return rs_filter_msr(filter, event->code);
    default:
        return filter->hooked.kinds >> event->kind & 1;
    }
}

/* A return that is reported: only of an entry that was followed. `entry` has just been judged. */
static void check_return(const struct rs_filter *filter, struct rs_filter_memory *memory,
                         const struct rs_event *entry, unsigned verdict, struct fuzz_input *input)
{
    struct rs_event event;

    take_event(input, &event);
    event.kind = fuzz_below(input, 2) ? RS_EVENT_SYSRET : RS_EVENT_IRET;
    event.entry_kind = entry->kind;
    event.entry_code = entry->code;
    event.vector = entry->vector;
    event.depth = entry->depth;
    event.entry_sequence = entry->sequence;
    if (rs_filter_judge(filter, memory, &event) & RS_FILTER_SHOWN)
        FUZZ_CHECK(verdict & RS_FILTER_FOLLOWED);
}

/* What is not hooked is true for no event, and what the sets decide alone, the program decides in
 * the same way. All MSRs can be hooked here. */
static void check_event(const struct rs_filter *filter, struct fuzz_input *input)
{
    struct rs_filter_memory memory = {0};
    struct rs_event event;
    unsigned verdict;

    take_event(input, &event);
    if (rs_event_direction(event.kind) == RS_DIRECTION_RETURN) {
        rs_filter_judge(filter, &memory, &event);
        return;
    }
    verdict = rs_filter_judge_program(filter, &memory, &event);
    FUZZ_CHECK(verdict == 0 || is_hooked(filter, &event));
    FUZZ_CHECK(!filter->exact || !is_hooked(filter, &event) ||
               verdict == rs_filter_judge(filter, &memory, &event));
    if (rs_event_direction(event.kind) == RS_DIRECTION_ENTRY && event.depth < RS_FILTER_DEPTH_MAX)
        check_return(filter, &memory, &event, verdict, input);
}

static int resolve(void *context, const char *name, size_t length, struct rs_filter_range *range,
                   char *message, size_t size)
{
    (void)context;
    snprintf(message, size, "no '%.*s'", (int)(length < 20 ? length : 20), name);
    *range = (struct rs_filter_range){0x140000000, 0x14000ffff};
    return length >= 4 && memcmp(name, "demo", 4) == 0 ? 0 : -1;
}

static void check_error(const struct rs_filter_error *error, const char *expression)
{
    FUZZ_CHECK(error->message[0] != '\0' && strlen(error->message) < sizeof(error->message) - 1);
    FUZZ_CHECK(error->column <= strlen(expression));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rs_filter_symbols symbols = {.resolve = resolve};
    struct fuzz_input input = {data, data + size / 2}, rest = {data + size / 2, data + size};
    bool restriction = fuzz_below(&input, 4) == 0;
    struct rs_filter filter, before;
    struct rs_filter_error error;
    char expression[1024];
    int result;

    build(&input, expression, sizeof(expression));
    rs_filter_init_trace(&filter);
    rs_filter_set_clock(&filter, 2600000000, 30000);
    before = filter;
    result = restriction ? rs_filter_parse(&filter, expression, &error)
                         : rs_filter_expression(&filter, expression, &symbols, &error);
    if (result != 0) {
        FUZZ_CHECK(same(&filter, &before));
        check_error(&error, expression);
        return 0;
    }
    check_ranges(&filter.hooked);
    if (restriction)
        check_complement(expression, &filter);
    for (unsigned i = 0; !restriction && i < 16; i++)
        check_event(&filter, &rest);
    return 0;
}
