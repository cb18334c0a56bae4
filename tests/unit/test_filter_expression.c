/* SPDX-License-Identifier: MIT
 * Expressions of --filter: what each is true of, what it hooks, and what is wrong with the others.
 * The language is docs/filter.md; the events are fabricated. */
#include "trace/filter.h"
#include "unit.h"

#include <ringscope/nt/services.h>
#include <ringscope/nt/status.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define TSC_HZ 2000000000 /* 2 ticks are 1 ns */

static struct rs_filter filter;
static struct rs_filter_error error;
static struct rs_filter_memory memory;

/* demo is 0x140000000-0x14000ffff, demo!main its 0x1000-0x10ff. */
static int resolve(void *context, const char *name, size_t length, struct rs_filter_range *range,
                   char *message, size_t size)
{
    static const struct {
        const char *name;
        struct rs_filter_range range;
    } names[] = {
        {"demo", {0x140000000, 0x14000ffff}},
        {"demo!main", {0x140001000, 0x1400010ff}},
        {"demo!main+0x10", {0x140001010, 0x140001010}},
        {"demo!next", {0x140001100, 0x1400011ff}},
        {"a-b", {0x5000, 0x5fff}},
        {"a-b!f", {0x5010, 0x501f}},
    };

    (void)context;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0) {
            *range = names[i].range;
            return 0;
        }
    }
    snprintf(message, size, "unknown image '%.*s'", (int)length, name);
    return -1;
}

static const struct rs_filter_symbols symbols = {.resolve = resolve};

static void setup(void)
{
    rs_filter_init(&filter);
    rs_filter_set_clock(&filter, TSC_HZ, 0);
    memset(&memory, 0, sizeof(memory));
}

static void parse(const char *expression)
{
    ck_assert_msg(rs_filter_expression(&filter, expression, &symbols, &error) == 0, "'%s': %s",
                  expression, error.message);
}

enum {
    CLOSE,
    WRITE,
    USER_PF,
    KERNEL_PF,
    INT_2E,
    NMI,
    CLOCK,
    WRMSR,
    EVENT_COUNT
};

static const struct rs_event events[EVENT_COUNT] = {
    [CLOSE] = {.kind = RS_EVENT_SYSCALL,
               .code = RS_SERVICE_NtClose,
               .from_cpl = 3,
               .from_rip = 0x140001010,
               .cr3 = 0x1aa000,
               .deviations = RS_DEVIATION_SYSCALL_CPL,
               .flags = RS_EVENT_REPAIRED},
    [WRITE] = {.kind = RS_EVENT_SYSCALL,
               .code = RS_SERVICE_NtWriteFile,
               .from_cpl = 3,
               .from_rip = 0x140001100,
               .cr3 = 0x1bb000},
    [USER_PF] = {.kind = RS_EVENT_EXCEPTION,
                 .vector = RS_VECTOR_PF,
                 .flags = RS_EVENT_HAS_ERROR_CODE,
                 .error_code = 6,
                 .cr2 = 0x10000,
                 .from_cpl = 3,
                 .from_rip = 0x140001000,
                 .cr3 = 0x1aa000,
                 .deviations = RS_DEVIATION_RIP | RS_DEVIATION_FRAME},
    [KERNEL_PF] = {.kind = RS_EVENT_EXCEPTION,
                   .vector = RS_VECTOR_PF,
                   .flags = RS_EVENT_HAS_ERROR_CODE,
                   .cr2 = 0x11020,
                   .from_rip = 0xfffff80140000180,
                   .depth = 1,
                   .cr3 = 0x1aa000},
    [INT_2E] = {.kind = RS_EVENT_INT_N,
                .vector = RS_VECTOR_SYSSVC,
                .code = RS_SERVICE_NtAllocateVirtualMemory,
                .from_cpl = 3,
                .from_rip = 0x5018,
                .cr3 = 0x1aa000},
    [NMI] = {.kind = RS_EVENT_NMI, .vector = RS_VECTOR_NMI, .ist = 3, .depth = 1},
    [CLOCK] = {.kind = RS_EVENT_INTERRUPT, .vector = RS_VECTOR_CLOCK, .from_cpl = 3},
    [WRMSR] = {.kind = RS_EVENT_WRMSR,
               .code = MSR_LSTAR,
               .value = 0xfffff80140000180,
               .from_rip = 0xfffff80140000020},
};

/* One letter for each event above: B reported, and its return may be; S reported; F only its return
 * may be; - nothing. */
// clang-format off
static const struct {
    const char *expression, *verdicts;
} rows[] = {
    /* Words. */
    {"syscall", "BB------"}, {"exc", "--BB----"}, {"EXC", "--BB----"}, {"int", "----B---"},
    {"int_n", "----B---"}, {"nmi", "-----B--"}, {"irq", "------B-"}, {"interrupt", "------B-"},
    {"exception", "--BBBB--"}, {"vector", "--BBBBB-"}, {"wrmsr", "-------S"}, {"rdmsr", "--------"},
    {"msr", "-------S"}, {"point", "-------S"}, {"entry", "SSSSSSS-"}, {"return", "FFFFFFF-"},
    {"sysret", "FFFFFFF-"}, {"iret", "FFFFFFF-"}, {"not return", "SSSSSSSS"},
    {"not entry", "FFFFFFFS"}, {"syscall and entry", "SS------"}, {"exc and return", "--FF----"},
    {"entry or return", "BBBBBBB-"}, {"sysret or entry", "BBBBBBB-"},
    /* Values: names, numbers, ranges, lists, turned over. */
    {"syscall=NtClose", "B-------"}, {"syscall = NtClose", "B-------"}, {"syscall==15", "B-------"},
    {"syscall=0x8-0xf", "BB------"}, {"syscall=NtClose,NtWriteFile", "BB------"},
    {"syscall=NtClose, NtWriteFile", "BB------"}, {"syscall!=NtClose", "-B------"},
    {"syscall=!NtClose", "-B------"}, {"syscall!=!NtClose", "B-------"}, {"syscall=all", "BB------"},
    {"syscall=none", "--------"}, {"syscall!=none", "BB------"}, {"syscall<NtClose", "-B------"},
    {"syscall<=NtClose", "BB------"}, {"syscall>8", "B-------"}, {"syscall>=8", "BB------"},
    {"syscall<0", "--------"}, {"syscall>0x1fff", "--------"},
    {"not syscall=NtClose", "-BBBBBBS"},
    {"service=NtAllocateVirtualMemory", "----B---"}, {"service", "BB--B---"},
    {"class=memory", "----B---"}, {"class=object,file", "BB------"}, {"class!=object", "-B--B---"},
    {"exception=PF", "--BB----"}, {"exception=#PF,NMI", "--BB-B--"}, {"exception=0x2e", "----B---"},
    {"vector=CLOCK,#PF", "--BB--B-"}, {"interrupt=clock", "------B-"}, {"vector<0x20", "--BB-B--"},
    {"msr=LSTAR", "-------S"}, {"msr=STAR", "--------"}, {"msr=IA32_STAR-FMASK", "-------S"},
    {"value=0xfffff80140000180", "-------S"}, {"value>0xffff000000000000", "-------S"},
    {"cpl=3", "BBB-B-B-"}, {"ring=0", "---B-B-S"}, {"cpl!=3", "---B-B-S"}, {"cpl>0", "BBB-B-B-"},
    {"cr3=0x1aa000", "B-BBB---"}, {"cr3=0-0xfffff", "-----BBS"},
    {"cr2", "--BB----"}, {"cr2<0x11000", "--B-----"}, {"cr2!=0x10000", "---B----"},
    {"error", "--BB----"}, {"error=0", "---B----"}, {"error=4-7", "--B-----"},
    {"ist=3", "-----B--"}, {"ist", "--BBBBB-"}, {"depth=1", "---B-B--"}, {"depth", "BBBBBBBS"},
    {"rip=demo", "BBB-----"}, {"rip=demo!main", "B-B-----"}, {"rip=demo!main+0x10", "B-------"},
    {"rip=demo!main-demo!next", "BBB-----"}, {"rip=0x140001000-demo!main", "B-B-----"},
    {"rip=a-b", "----B---"}, {"rip=a-b!f", "----B---"}, {"rip=a-b!f-demo!main", "B-B-B---"},
    {"rip>demo!main", "-B-B---S"}, {"rip<demo!main", "----BBB-"}, {"rip<=demo!main", "B-B-BBB-"},
    {"rip=0xfffff80140000000-0xfffff80140010000", "---B---S"},
    {"deviation", "B-B-----"}, {"deviation=SYSCALL_CPL", "B-------"}, {"deviation=frame", "--B-----"},
    {"deviation!=RIP", "B-B-----"}, {"deviation!=RIP,FRAME", "B-------"}, {"repaired", "B-------"},
    {"not deviation", "-B-BBBBS"},
    /* Fields of returns are open until then. */
    {"status=failed", "BB--B---"}, {"syscall=NtClose and status!=STATUS_SUCCESS", "B-------"},
    {"not status=successful", "BBBBBBBS"}, {"duration>1ms", "BBBBBBB-"},
    {"return and duration>1ms", "FFFFFFF-"}, {"to=demo and exc", "--BB----"},
    {"status=failed and exc", "--------"}, {"return and status=failed", "FF--F---"},
    /* `and` binds before `or`, `not` before both. */
    {"nmi or exc and cpl=0", "---B-B--"}, {"(nmi or exc) and cpl=0", "---B-B--"},
    {"syscall or exc and cpl=0", "BB-B----"}, {"(syscall or exc) and cpl=0", "---B----"},
    {"exc and cpl=0 or syscall", "BB-B----"}, {"not exc and cpl=0", "-----B-S"},
    {"not (exc and cpl=0)", "BBB-BBBS"}, {"!exc && !syscall || nmi", "----BBBS"},
    {"not not exc", "--BB----"}, {"! ! !exc", "BB--BBBS"}, {"not(not(exc))", "--BB----"},
    {"EXC AND CPL=0", "---B----"}, {" ( ( exc ) ) ", "--BB----"}, {"exc\nand\tcpl=0", "---B----"},
    {"exc and cpl = 0", "---B----"}, {"(cpl=0)and(exc)", "---B----"},
};
// clang-format on

static char letter(unsigned verdict)
{
    return "-SFB"[verdict];
}

START_TEST(judges)
{
    char verdicts[EVENT_COUNT + 1] = {0};

    parse(rows[_i].expression);
    for (unsigned i = 0; i < EVENT_COUNT; i++)
        verdicts[i] = letter(rs_filter_judge(&filter, &memory, &events[i]));
    ck_assert_msg(strcmp(verdicts, rows[_i].verdicts) == 0, "'%s' gives %s, not %s",
                  rows[_i].expression, verdicts, rows[_i].verdicts);
}
END_TEST

/* Returns, of entries that were judged before. 2,000,000 ticks are 1 ms. */
static const struct {
    const char *expression;
    unsigned entry;
    struct rs_event event;
    bool shown;
} returns[] = {
#define SYSRET(status)                                                                             \
    {                                                                                              \
        .kind = RS_EVENT_SYSRET, .code = (uint32_t)(status), .tsc_exit = 2000000                   \
    }
#define IRET(address)                                                                              \
    {                                                                                              \
        .kind = RS_EVENT_IRET, .to_rip = (address), .tsc_exit = 3000                               \
    }
    {"syscall=NtClose", CLOSE, SYSRET(0), true},
    {"status=failed", CLOSE, SYSRET(STATUS_INVALID_HANDLE), true},
    {"status=failed", CLOSE, SYSRET(STATUS_PENDING), false},
    {"status=INVALID_HANDLE", CLOSE, SYSRET(STATUS_INVALID_HANDLE), true},
    {"status=STATUS_INVALID_HANDLE", CLOSE, SYSRET(STATUS_ACCESS_VIOLATION), false},
    {"status=0xc0000008", CLOSE, SYSRET(STATUS_INVALID_HANDLE), true},
    {"syscall=NtClose and status!=STATUS_SUCCESS", CLOSE, SYSRET(0), false},
    {"syscall=NtClose and status!=STATUS_SUCCESS", CLOSE, SYSRET(STATUS_INVALID_HANDLE), true},
    {"syscall=NtClose and status!=STATUS_SUCCESS", WRITE, SYSRET(STATUS_INVALID_HANDLE), false},
    {"not status=successful", CLOSE, SYSRET(0), false},
    {"not status=successful", USER_PF, IRET(0), true},
    {"status", INT_2E, SYSRET(0), true},
    {"status", USER_PF, IRET(0), false},
    {"sysret", INT_2E, SYSRET(0), true},
    {"sysret", USER_PF, IRET(0), false},
    {"iret and exc", USER_PF, IRET(0), true},
    {"entry", USER_PF, IRET(0), false},
    {"return", USER_PF, IRET(0), true},
    {"not return", USER_PF, IRET(0), false},
    {"duration=1ms", CLOSE, SYSRET(0), true},
    {"duration=1000000ns", CLOSE, SYSRET(0), true},
    {"duration=1000us-1s", CLOSE, SYSRET(0), true},
    {"duration>1ms", CLOSE, SYSRET(0), false},
    {"duration<=1500ns", USER_PF, IRET(0), true},
    {"duration<1500ns", USER_PF, IRET(0), false},
    {"to=demo", USER_PF, IRET(0x140000000), true},
    {"to=demo", USER_PF, IRET(0x13fffffff), false},
    /* What the entry was asked the return is asked, too. */
    {"cpl=3 and duration>1us", USER_PF, IRET(0), true},
    {"cpl=0 and duration>1us", USER_PF, IRET(0), false},
    {"rip=demo!main", USER_PF, IRET(0), true},
    {"cr2=0x10000 and return", USER_PF, IRET(0), true},
    {"cr2=0x10001 and return", USER_PF, IRET(0), false},
    {"deviation=RIP", USER_PF, IRET(0), true},
};

static bool shows_return(const struct rs_event *entry, const struct rs_event *event)
{
    struct rs_event whole = *event;

    whole.entry_kind = entry->kind;
    whole.entry_code = entry->code;
    whole.entry_sequence = entry->sequence;
    whole.vector = entry->vector;
    whole.depth = entry->depth;
    return rs_filter_event(&filter, &memory, &whole);
}

START_TEST(judges_returns_with_their_entries)
{
    struct rs_event entry = events[returns[_i].entry];

    parse(returns[_i].expression);
    entry.sequence = 41;
    rs_filter_judge(&filter, &memory, &entry);
    ck_assert_msg(shows_return(&entry, &returns[_i].event) == returns[_i].shown, "row %d: '%s'", _i,
                  returns[_i].expression);
}
END_TEST

/* A trace that lost the entry, or never had it: what the return itself tells is all that counts. */
START_TEST(judges_returns_without_their_entries)
{
    const struct rs_event sysret = {.kind = RS_EVENT_SYSRET, .code = STATUS_INVALID_HANDLE};
    struct rs_event entry = events[CLOSE];

    parse("syscall=NtClose and status=failed or exc and duration");
    ck_assert(shows_return(&entry, &sysret));
    ck_assert(!shows_return(&events[WRITE], &sysret));
    setup();
    parse("syscall=NtClose and rip=demo");
    ck_assert(!shows_return(&entry, &sysret));
    rs_filter_judge(&filter, &memory, &entry);
    ck_assert(shows_return(&entry, &sysret));
    entry.sequence = RS_SEQUENCE_HIDDEN; /* it was not reported */
    rs_filter_number(&memory, &entry);
    ck_assert(shows_return(&entry, &sysret));
    entry.sequence = 7;
    ck_assert(!shows_return(&entry, &sysret));
}
END_TEST

/* Marks: each is a word, and has the fields that a trace keeps of it. A field that every event has
 * leaves its name to the mark. */
START_TEST(marks_are_events)
{
    static const struct rs_event marks[] = {
        {.kind = RS_EVENT_CR3, .cr3 = 0x1aa000, .value = 0x1bb000},
        {.kind = RS_EVENT_CONSOLE, .cr3 = 0x1aa000},
        {.kind = RS_EVENT_SYSCALL, .cr3 = 0x1aa000},
    };
    static const struct {
        const char *expression, *verdicts;
    } expected[] = {
        {"mark", "SS-"},           {"cr3", "S--"},
        {"cr3=0x1aa000", "SSB"},   {"cr3 = 0x1aa000", "SSB"},
        {"cr3 or syscall", "S-B"}, {"console", "-S-"},
        {"not mark", "--B"},       {"value", "S--"},
        {"value=0x1bb000", "S--"}, {"cpl", "--B"},
        {"point", "SS-"},          {"syscall", "--B"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        char verdicts[ARRAY_SIZE(marks) + 1] = {0};

        setup();
        parse(expected[i].expression);
        for (size_t j = 0; j < ARRAY_SIZE(marks); j++)
            verdicts[j] = letter(rs_filter_judge(&filter, &memory, &marks[j]));
        ck_assert_msg(strcmp(verdicts, expected[i].verdicts) == 0, "'%s' gives %s",
                      expected[i].expression, verdicts);
    }
    ck_assert_int_eq(rs_filter_expression(&filter, "console=1", &symbols, &error), -1);
    ck_assert_str_eq(error.message, "'console' is a kind of event: it has no values");
}
END_TEST

enum question {
    SERVICE,
    VECTOR,
    INTERRUPT,
    MSR
};

static bool ask(enum question question, uint32_t number)
{
    switch (question) {
    case SERVICE:
        return rs_filter_service(&filter, number);
    case VECTOR:
        return rs_filter_vector(&filter, (uint8_t)number);
    case INTERRUPT:
        return rs_filter_interrupt(&filter, (uint8_t)number);
    default:
        return rs_filter_msr(&filter, number);
    }
}

/* What is hooked, and whether that decides alone. Numbers up to END. */
#define END UINT64_MAX
#define NOTHING                                                                                    \
    {                                                                                              \
        END                                                                                        \
    }

// clang-format off
static const struct {
    const char *expression;
    bool exact;
    enum question question;
    uint64_t in[5], out[5];
} armed[] = {
    {"exception=PF", true, VECTOR, {14, END}, {0, 13, 15, 0x2e, END}},
    {"exception=PF", true, SERVICE, NOTHING, {0, 0x0f, 0x1fff, END}},
    {"exception=PF", true, INTERRUPT, NOTHING, {14, 0xd1, END}},
    {"exception=PF", true, MSR, NOTHING, {MSR_LSTAR, MSR_EFER, END}},
    {"exception=PF and cpl=0", false, VECTOR, {14, END}, {13, END}},
    {"not exception=PF", true, VECTOR, {0, 13, 15, END}, {14, END}},
    {"not exception=PF", true, SERVICE, {0, 0x1fff, END}, NOTHING},
    {"not (exception=PF and cpl=0)", false, VECTOR, {13, 14, END}, NOTHING},
    {"cr2=0x1000", false, VECTOR, {14, END}, {13, 15, END}},
    {"error=6", false, VECTOR, {13, 14, END}, NOTHING},
    {"cpl=0", false, SERVICE, NOTHING, {0, 0x0f, END}},
    {"cpl=0", false, VECTOR, {14, 0x2e, END}, NOTHING},
    {"cpl=0", false, MSR, {MSR_LSTAR, END}, NOTHING},
    {"ring=3", false, SERVICE, {0, 0x0f, 0x1fff, END}, NOTHING},
    {"ring=3", false, MSR, NOTHING, {MSR_LSTAR, END}},
    {"cr3=0x1000", false, SERVICE, {0, END}, NOTHING},
    {"cr3=0x1000", false, INTERRUPT, {0xd1, END}, NOTHING},
    {"rip=demo and syscall=NtClose", false, SERVICE, {0x0f, END}, {0x0e, 0x10, 0x100f, END}},
    {"rip=demo and syscall=NtClose", false, VECTOR, NOTHING, {14, 0x2e, END}},
    {"syscall=NtClose or rip=demo and exc", false, SERVICE, {0x0f, END}, {0x0e, END}},
    {"syscall=NtClose or rip=demo and exc", false, INTERRUPT, NOTHING, {0xd1, END}},
    {"syscall=NtClose or exception=#UD", true, SERVICE, {0x0f, END}, {0x10, END}},
    {"syscall=NtClose or exception=#UD", true, VECTOR, {6, END}, {5, 7, END}},
    {"class=memory", false, SERVICE, {0x18, 0x1e, 0x50, END}, {0x0f, 0x17, 0x19, 0x1018, END}},
    {"class=memory", false, VECTOR, {0x2e, END}, {0x2d, 14, END}},
    {"class=memory and syscall", true, VECTOR, NOTHING, {0x2e, END}},
    {"class!=memory and syscall", true, SERVICE, {0x0f, END}, {0x18, 0, 0x1018, END}},
    {"status=failed", false, VECTOR, {0x2e, END}, {6, 14, END}},
    {"duration>1ms", false, VECTOR, {6, 14, 0x2e, END}, NOTHING},
    {"status=failed and not int", false, VECTOR, NOTHING, {6, 14, 0x2e, END}},
    {"return", false, SERVICE, {0x0f, END}, NOTHING},
    {"return", false, MSR, NOTHING, {MSR_LSTAR, END}},
    {"wrmsr", false, MSR, {MSR_LSTAR, MSR_SYSENTER_CS, END}, {MSR_GS_BASE, END}},
    {"msr", true, MSR, {MSR_LSTAR, END}, {MSR_GS_BASE, END}},
    {"msr=GS_BASE", true, MSR, {MSR_GS_BASE, END}, {MSR_LSTAR, MSR_FS_BASE, END}},
    {"msr!=LSTAR,GS_BASE", true, MSR, {MSR_STAR, END}, {MSR_LSTAR, MSR_GS_BASE, END}},
    {"msr=all", true, MSR, {0, MSR_LSTAR, UINT32_MAX, END}, NOTHING},
    {"msr>=0xc0000101", true, MSR, {MSR_GS_BASE, UINT32_MAX, END}, {MSR_LSTAR, MSR_FS_BASE, END}},
    {"msr=GS_BASE or syscall", true, MSR, {MSR_GS_BASE, END}, {MSR_LSTAR, END}},
    {"deviation", false, INTERRUPT, {0xd1, END}, NOTHING},
};
// clang-format on

START_TEST(hooks_what_may_be_true)
{
    parse(armed[_i].expression);
    for (const uint64_t *in = armed[_i].in; *in != END; in++)
        ck_assert_msg(ask(armed[_i].question, (uint32_t)*in), "'%s' does not hook %#" PRIx64,
                      armed[_i].expression, *in);
    for (const uint64_t *out = armed[_i].out; *out != END; out++)
        ck_assert_msg(!ask(armed[_i].question, (uint32_t)*out), "'%s' hooks %#" PRIx64,
                      armed[_i].expression, *out);
    ck_assert_msg(filter.exact == armed[_i].exact, "'%s' is %sexact", armed[_i].expression,
                  filter.exact ? "" : "not ");
}
END_TEST

START_TEST(several_are_joined_by_and)
{
    ck_assert(filter.exact);
    parse("syscall=NtClose,NtWriteFile or exc");
    parse("syscall!=NtClose or nmi");
    ck_assert(rs_filter_service(&filter, RS_SERVICE_NtWriteFile));
    ck_assert(!rs_filter_service(&filter, RS_SERVICE_NtClose));
    ck_assert(!rs_filter_vector(&filter, RS_VECTOR_PF));
}
END_TEST

/* A restriction is `not KIND or KIND=VALUES`, before the expression or after it. */
START_TEST(restrictions_are_joined_by_and)
{
    for (unsigned restricted_first = 0; restricted_first < 2; restricted_first++) {
        setup();
        if (restricted_first)
            ck_assert_int_eq(rs_filter_parse(&filter, "exception=PF,UD", &error), 0);
        parse("exception=PF,GP or syscall=NtClose or msr=GS_BASE,LSTAR");
        if (!restricted_first)
            ck_assert_int_eq(rs_filter_parse(&filter, "exception=PF,UD", &error), 0);
        ck_assert_int_eq(rs_filter_parse(&filter, "msr=LSTAR", &error), 0);
        ck_assert(rs_filter_vector(&filter, RS_VECTOR_PF));
        ck_assert(!rs_filter_vector(&filter, RS_VECTOR_UD));
        ck_assert(!rs_filter_vector(&filter, RS_VECTOR_GP));
        ck_assert(rs_filter_service(&filter, RS_SERVICE_NtClose));
        ck_assert(rs_filter_msr(&filter, MSR_LSTAR));
        ck_assert(!rs_filter_msr(&filter, MSR_GS_BASE));
    }
}
END_TEST

START_TEST(a_trace_has_all_msrs)
{
    const struct rs_event event = {.kind = RS_EVENT_RDMSR, .code = MSR_GS_BASE};

    ck_assert(!rs_filter_event(&filter, &memory, &event));
    rs_filter_init_trace(&filter);
    ck_assert(rs_filter_event(&filter, &memory, &event));
    parse("rdmsr and cpl=0");
    ck_assert(rs_filter_event(&filter, &memory, &event));
}
END_TEST

// clang-format off
static const struct {
    const char *expression;
    size_t column;
    const char *message;
} errors[] = {
    {"", 0, "a test is missing at the end"},
    {"exc and ", 8, "a test is missing at the end"},
    {"exc or or nmi", 7, "unknown word 'or'"},
    {"exc and )", 8, "a test is missing before ')'"},
    {"=5", 0, "a test is missing before '='"},
    {"exc nmi", 4, "'and' or 'or' is missing here"},
    {"(exc nmi)", 5, "'and' or 'or' is missing here"},
    {"exc & nmi", 4, "'and' or 'or' is missing here"},
    {"exc)", 3, "this ')' was not opened"},
    {"nmi and (exc or (irq)", 8, "this '(' is not closed"},
    {"cpk=0", 0, "unknown word 'cpk'; did you mean cpl?"},
    {"exc and retrn", 8, "unknown word 'retrn'; did you mean return?"},
    {"NtClose", 0, "'NtClose' is a value; did you mean syscall=NtClose?"},
    {"exc and file", 8, "'file' is a value; did you mean class=file?"},
    {"xyzzy", 0, "unknown word 'xyzzy'"},
    {"syscall=", 8, "a value is missing here"},
    {"syscall=NtClose,", 16, "a value is missing here"},
    {"syscall=NtClose, , 1", 17, "a value is missing here"},
    {"cpl= and exc", 5, "unknown privilege level 'and'"},
    {"syscall=NtClos", 8, "unknown service 'NtClos'; did you mean NtClose?"},
    {"syscall=PF", 8, "'PF' is no service; did you mean exception=PF?"},
    {"exc and class=memry", 14, "unknown class 'memry'; did you mean memory?"},
    {"status=INVALID_HANDEL", 7, "unknown status 'INVALID_HANDEL'; did you mean INVALID_HANDLE?"},
    {"deviation=RSP,RIPS", 14, "unknown deviation 'RIPS'; did you mean RIP?"},
    {"syscall=all,1", 8, "'all' must be the only value"},
    {"cpl=4", 4, "privilege level 4 is out of range: the largest is 0x3"},
    {"ist=8", 4, "interrupt stack 8 is out of range: the largest is 0x7"},
    {"error=0x100000000", 6, "error code 0x100000000 is out of range: the largest is 0xffffffff"},
    {"cr3=0x10000000000000000", 4,
     "number 0x10000000000000000 is out of range: the largest is 0xffffffffffffffff"},
    {"rip=nowhere", 4, "unknown image 'nowhere'"},
    {"rip=5-3", 4, "range '5-3' ends before it begins"},
    {"duration>5", 10, "the unit is missing: 5ns, us, ms or s"},
    {"duration>5 ms", 10, "the unit is missing: 5ns, us, ms or s"},
    {"duration>5min", 10, "unknown unit 'min': it is one of ns, us, ms and s"},
    {"duration>long", 9, "'long' is not a time: a number and ns, us, ms or s"},
    {"duration>18446744073709551615s", 9, "time 18446744073709551615s is out of range"},
    {"cpl<1,2", 4, "one value is compared, not several"},
    {"class<memory", 5, "'class' has no order: = and != compare it"},
    {"deviation>=RIP", 9, "'deviation' has no order: = and != compare it"},
    {"repaired=1", 8, "'repaired' has no values: it stands alone"},
    {"exc=PF", 3, "'exc' is a kind of event: it has no values"},
    {"return > 5", 7, "'return' is a kind of event: it has no values"},
    {"msr=1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33 or exc", 0,
     "too many separate MSR ranges: at most 16"},
};
// clang-format on

static void fails(const char *expression, size_t column, const char *message)
{
    struct rs_filter before;

    memcpy(&before, &filter, sizeof(before)); /* padding included */
    ck_assert_int_eq(rs_filter_expression(&filter, expression, &symbols, &error), -1);
    ck_assert_str_eq(error.message, message);
    assert_row_eq(expression, error.column, column);
    ck_assert_mem_eq(&filter, &before, sizeof(filter));
}

START_TEST(says_what_is_wrong)
{
    fails(errors[_i].expression, errors[_i].column, errors[_i].message);
}
END_TEST

START_TEST(traces_have_no_symbols)
{
    static const struct rs_filter_symbols trace = {0};

    ck_assert_int_eq(rs_filter_expression(&filter, "exc or rip=demo", &trace, &error), -1);
    ck_assert_str_eq(error.message, "'demo' is not a number, and there are no symbols here");
    ck_assert_uint_eq(error.column, 11);
    ck_assert_int_eq(rs_filter_expression(&filter, "cr3=0x1000", &trace, &error), 0);
}
END_TEST

/* COUNT times the text, one behind the other. */
static char *repeat(const char *text, unsigned count, const char *end)
{
    char *all = calloc(1, strlen(text) * count + strlen(end) + 1), *at = all;

    ck_assert_ptr_nonnull(all);
    for (unsigned i = 0; i < count; i++, at += strlen(text))
        memcpy(at, text, strlen(text));
    memcpy(at, end, strlen(end));
    return all;
}

START_TEST(size_is_bounded)
{
    char *expression = repeat("exc and ", RS_FILTER_TESTS_MAX - 1, "not exc");

    parse(expression);
    fails("exc", 0, "more than 64 tests");
    free(expression);
    setup();
    expression = repeat("not(cpl=0 and ", RS_FILTER_NESTING_MAX, "exc");
    fails(expression, strlen("not(cpl=0 and ") * (RS_FILTER_NESTING_MAX - 1) + strlen("not"),
          "this '(' is not closed");
    free(expression);
}
END_TEST

START_TEST(nesting_is_bounded)
{
    char *open = repeat("not(", RS_FILTER_NESTING_MAX, "");
    char *closed = repeat(")", RS_FILTER_NESTING_MAX, "");
    char *expression = repeat(open, 1, "not not exc"), *whole = repeat(expression, 1, closed);
    char *deeper = repeat("(", RS_FILTER_NESTING_MAX + 1, "exc");

    parse(whole);
    ck_assert_uint_eq(filter.program.code_count, 1);
    fails(deeper, RS_FILTER_NESTING_MAX, "more than 32 parentheses inside each other");
    free(open);
    free(closed);
    free(expression);
    free(whole);
    free(deeper);
}
END_TEST

START_TEST(values_are_bounded)
{
    char expression[4000] = "value=";
    size_t used = strlen(expression);

    for (unsigned i = 0; i < RS_FILTER_VALUES_MAX; i++)
        used += (size_t)snprintf(expression + used, sizeof(expression) - used, "%s%u",
                                 i > 0 ? "," : "", 2 * i);
    parse(expression);
    fails("syscall or value=1", 11, "more than 256 values");
    setup();
    snprintf(expression + used, sizeof(expression) - used, ",9999");
    fails(expression, used + 1, "more than 256 values");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filter_expression");
    TCase *tests = tcase_create("filter_expression");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_loop_test(tests, judges, 0, ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, judges_returns_with_their_entries, 0, ARRAY_SIZE(returns));
    tcase_add_test(tests, judges_returns_without_their_entries);
    tcase_add_test(tests, marks_are_events);
    tcase_add_loop_test(tests, hooks_what_may_be_true, 0, ARRAY_SIZE(armed));
    tcase_add_test(tests, several_are_joined_by_and);
    tcase_add_test(tests, restrictions_are_joined_by_and);
    tcase_add_test(tests, a_trace_has_all_msrs);
    tcase_add_loop_test(tests, says_what_is_wrong, 0, ARRAY_SIZE(errors));
    tcase_add_test(tests, traces_have_no_symbols);
    tcase_add_test(tests, size_is_bounded);
    tcase_add_test(tests, nesting_is_bounded);
    tcase_add_test(tests, values_are_bounded);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
