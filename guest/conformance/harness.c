/* SPDX-License-Identifier: MIT
 * Runs one claim between two marks, and keeps what it expected until it is over. */

#include "internal.h"
#include "raw.h"

extern const char KiUserExceptionDispatcher[];

struct seen seen[SEEN_MAX];
unsigned seen_count;
bool decline_exceptions;
const void *provoked, *resume;
void (*on_exception)(struct exception_pointers *exception);

static char details[1024];
static size_t details_length;
static unsigned expectations, failures;
static const char *skip_reason, *error_reason;

static long catch_exception(struct exception_pointers *exception)
{
    struct context *context = exception->ContextRecord;

    if (seen_count < SEEN_MAX)
        seen[seen_count] = (struct seen){*exception->ExceptionRecord, *context};
    seen_count++;
    if (decline_exceptions)
        return EXCEPTION_CONTINUE_SEARCH;
    context->EFlags &= ~(uint32_t)(RFLAGS_TF | RFLAGS_AC | RFLAGS_DF);
    if (resume)
        context->Rip = (uint64_t)resume;
    if (on_exception)
        on_exception(exception);
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Nothing is written to the console before the claim is over: it would be in its trace. */
__attribute__((format(printf, 2, 3))) static bool expect(bool holds, const char *format, ...)
{
    va_list arguments;
    size_t room = sizeof(details) - details_length;
    int length;

    expectations++;
    if (holds)
        return true;
    failures++;
    va_start(arguments, format);
    length = vsnprintf(details + details_length, room, format, arguments);
    va_end(arguments);
    details_length += (size_t)length < room ? (size_t)length : room - 1;
    return false;
}

bool expect_equal(const char *what, uint64_t got, uint64_t expected)
{
    return expect(got == expected, "# %s: expected 0x%lx, got 0x%lx\n", what, expected, got);
}

bool expect_status(const char *what, NTSTATUS got, NTSTATUS expected)
{
    return expect(got == expected, "# %s: expected 0x%08x, got 0x%08x\n", what, (unsigned)expected,
                  (unsigned)got);
}

bool expect_true(const char *what, bool holds)
{
    return expect(holds, "# expected: %s\n", what);
}

static bool raised_at(NTSTATUS status, const void *address)
{
    bool good;

    if (!expect_equal("exceptions", seen_count, 1))
        return false;
    good = expect_status("ExceptionCode", seen[0].record.ExceptionCode, status);
    good &= expect_equal("ExceptionAddress", (uint64_t)seen[0].record.ExceptionAddress,
                         (uint64_t)address);
    good &= expect_equal("Rip", seen[0].context.Rip, (uint64_t)address);
    return good;
}

bool expect_raised(NTSTATUS status)
{
    return raised_at(status, provoked);
}

bool expect_raised_behind(NTSTATUS status)
{
    return raised_at(status, resume);
}

bool expect_access(uint64_t kind, uint64_t address)
{
    const struct exception_record *record = &seen[0].record;
    bool good = expect_equal("NumberParameters", record->NumberParameters, 2);

    good &= expect_equal("ExceptionInformation[0]", record->ExceptionInformation[0], kind);
    good &= expect_equal("ExceptionInformation[1]", record->ExceptionInformation[1], address);
    return good;
}

void set_skip(const char *reason)
{
    skip_reason = reason;
}

void set_error(const char *reason)
{
    error_reason = reason;
}

void fill_registers(struct raw_registers *registers, uint64_t rax, uint64_t rflags)
{
    uint64_t *values = (uint64_t *)registers;

    for (unsigned i = 0; i < sizeof(*registers) / sizeof(*values); i++)
        values[i] = 0xfedcba9876540000 + i;
    registers->rax = rax;
    registers->rflags = rflags;
}

static void mark(unsigned index, bool begin)
{
    uint64_t stack[8] = {0};

    syscall_with_stack(MARK_SERVICE, (uint64_t)stack, MARK_MAGIC, index, begin,
                       (uint64_t)KiUserExceptionDispatcher);
}

enum outcome run_claim(const struct claim *claim, unsigned index)
{
    seen_count = expectations = failures = 0;
    details_length = 0;
    details[0] = '\0';
    provoked = resume = NULL;
    on_exception = NULL;
    decline_exceptions = false;
    skip_reason = error_reason = NULL;
    mark(index, true);
    claim->run();
    mark(index, false);
    if (error_reason)
        return ERROR;
    if (failures)
        return FAIL;
    if (skip_reason)
        return SKIPPED;
    if (expectations == 0)
        error_reason = "nothing was expected";
    return expectations ? PASS : ERROR;
}

void report_claim(enum outcome outcome, unsigned number, const char *name, int length)
{
    bool good = outcome == PASS || outcome == SKIPPED;

    printf("%sok %u - %.*s", good ? "" : "not ", number, length, name);
    if (outcome == SKIPPED)
        printf(" # SKIP %s", skip_reason);
    if (outcome == ERROR)
        printf(" # ERROR %s", error_reason);
    printf("\n%s", details);
}

void prepare_claims(void)
{
    if (!RtlAddVectoredExceptionHandler(true, catch_exception))
        exit(EXIT_ERROR);
    touch_memory();
}
