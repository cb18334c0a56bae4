/* SPDX-License-Identifier: MIT
 * What tests of ring 3 have beside TAP: exceptions that are expected, registers that are compared.
 */

#include <ringscope/test3.h>

#define EXIT_ERROR 99

extern const char KiUserExceptionDispatcher[];

struct test_raised test_raised;
const void *test_resume[2]; /* where to go on, where it is expected */
static bool has_handler;

static long catch (struct exception_pointers *exception)
{
    if (!test_resume[0])
        return EXCEPTION_CONTINUE_SEARCH;
    test_raised.count++;
    test_raised.record = *exception->ExceptionRecord;
    test_raised.context = *exception->ContextRecord;
    exception->ContextRecord->Rip = (uint64_t)test_resume[0];
    exception->ContextRecord->EFlags &= ~0x40500u; /* AC, DF, TF */
    return EXCEPTION_CONTINUE_EXECUTION;
}

_Noreturn void test_error(const char *format, ...)
{
    char text[200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    printf("Bail out! %s\n", text);
    exit(EXIT_ERROR);
}

void test_begin_raise(void)
{
    if (!has_handler && !RtlAddVectoredExceptionHandler(true, catch))
        test_error("there is no handler left");
    has_handler = true;
    test_raised.count = 0;
}

bool test_end_raise(const char *instruction, NTSTATUS status, const char *name, const void *at,
                    const void *behind)
{
    const struct exception_record *record = &test_raised.record;
    bool at_place = record->ExceptionAddress == at || record->ExceptionAddress == behind;
    bool good = test_raised.count == 1 && record->ExceptionCode == status && at_place;

    test_resume[0] = NULL;
    tap_ok(good, "%s raises %s", instruction, name);
    if (test_raised.count != 1)
        printf("# exceptions: expected 1, got %u\n", test_raised.count);
    else if (record->ExceptionCode != status)
        test_tell_statuses("status: ", record->ExceptionCode, status);
    else if (!at_place)
        printf("# address: expected %p, got %p\n", at, record->ExceptionAddress);
    return good;
}

/* A system call of an index that no table has: vmm/suite/transitions.h. */
void test_trace_mark(unsigned mark, bool begins)
{
    register uint64_t magic __asm__("r10") = 0x434f4e46, dispatcher __asm__("r9");
    register uint64_t first __asm__("r8") = begins;
    uint64_t rax = 0xfff, rdx = mark;

    dispatcher = (uint64_t)KiUserExceptionDispatcher;
    __asm__ volatile("syscall"
                     : "+a"(rax), "+d"(rdx), "+r"(magic), "+r"(first), "+r"(dispatcher)
                     :
                     : "rcx", "r11", "memory");
}

#define EACH_REGISTER(X)                                                                           \
    X(Rax)                                                                                         \
    X(Rcx)                                                                                         \
    X(Rdx)                                                                                         \
    X(Rbx)                                                                                         \
    X(Rbp)                                                                                         \
    X(Rsi)                                                                                         \
    X(Rdi)                                                                                         \
    X(R8)                                                                                          \
    X(R9)                                                                                          \
    X(R10)                                                                                         \
    X(R11)                                                                                         \
    X(R12)                                                                                         \
    X(R13)                                                                                         \
    X(R14)                                                                                         \
    X(R15)

bool test_same_registers(const struct context *before, const struct context *after,
                         const char *claim)
{
    bool same = true;

#define X(name) same &= before->name == after->name;
    EACH_REGISTER(X)
#undef X
    tap_ok(same, "%s", claim);
#define X(name)                                                                                    \
    if (before->name != after->name)                                                               \
        printf("# " #name ": expected 0x%lx, got 0x%lx\n", before->name, after->name);
    EACH_REGISTER(X)
#undef X
    return same;
}
