/* SPDX-License-Identifier: MIT
 * Test of exception delivery: what a handler in ring 3 sees of each kind of exception. */

#include "exceptions.h"
#include "caught.h"
#include "snippets.h"

#include <ntdll.h>
#include <tap.h>

/* Not every host checks alignment or raises SSE exceptions; all others have to come. */
static bool is_optional(NTSTATUS status)
{
    return status == STATUS_DATATYPE_MISALIGNMENT || status == STATUS_FLOAT_MULTIPLE_TRAPS;
}

/* INT 2D is the one exception that goes on one byte behind its address. */
static bool skips_byte(void (*snippet)(void))
{
    return snippet == snippet_int2d;
}

static void test_snippet(const char *title, NTSTATUS status, void (*snippet)(void),
                         const void *address, const void *resume)
{
    provoke(snippet, resume);
    if (caught.count == 0 && is_optional(status)) {
        tap_skip(title, "this host does not raise it");
        return;
    }
    tap_equal(caught.count, 1, "%s: raised once", title);
    tap_status(caught.record.ExceptionCode, status, "%s: status", title);
    tap_equal((uint64_t)caught.record.ExceptionAddress, (uint64_t)address, "%s: address", title);
    tap_equal(caught.context.Rip, (uint64_t)address + skips_byte(snippet), "%s: RIP of the context",
              title);
}

/* The two that end the process whatever a handler says are left to the program `fault`. */
static void test_snippets(void)
{
#define X(name, status, title)                                                                     \
    if (snippet_##name != snippet_int29 && snippet_##name != snippet_stack)                        \
        test_snippet(title, status, snippet_##name, snippet_##name##_address,                      \
                     snippet_##name##_resume);
    SNIPPETS(X)
#undef X
}

static void test_parameters(const char *what, void (*snippet)(void), const void *resume,
                            uint64_t access, uint64_t address)
{
    provoke(snippet, resume);
    tap_equal(caught.record.NumberParameters, 2, "%s: two parameters", what);
    tap_equal(caught.record.ExceptionInformation[0], access, "%s: kind of access", what);
    tap_equal(caught.record.ExceptionInformation[1], address, "%s: address accessed", what);
}

static void test_access_violations(void)
{
    test_parameters("read", snippet_pf, snippet_pf_resume, EXCEPTION_READ_FAULT, SNIPPET_UNMAPPED);
    test_parameters("write", snippet_write, snippet_write_resume, EXCEPTION_WRITE_FAULT,
                    (uint64_t)snippet_data);
    test_parameters("execute", snippet_execute, snippet_execute_resume, EXCEPTION_EXECUTE_FAULT,
                    (uint64_t)snippet_data);
    test_parameters("kernel space", snippet_kernel, snippet_kernel_resume, EXCEPTION_READ_FAULT,
                    SNIPPET_KERNEL);
    test_parameters("non-canonical", snippet_noncanonical, snippet_noncanonical_resume,
                    EXCEPTION_READ_FAULT, UINT64_MAX);
    test_parameters("INT 21h", snippet_int21, snippet_int21_resume, EXCEPTION_READ_FAULT,
                    UINT64_MAX);
    provoke(snippet_int2d, snippet_int2d_resume);
    tap_ok(caught.record.NumberParameters == 3 && caught.record.ExceptionInformation[0] == 1 &&
               caught.record.ExceptionInformation[1] == 2 &&
               caught.record.ExceptionInformation[2] == 3,
           "INT 2Dh: EAX, ECX, EDX are the parameters");
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (!tap_ok(RtlAddVectoredExceptionHandler(true, catch_exception), "add a handler"))
        return tap_done();
    test_snippets();
    test_access_violations();
    test_registers();
    test_continue();
    test_raise();
    test_handlers();
    test_guard_page();
    return tap_done();
}
