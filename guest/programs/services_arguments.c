/* SPDX-License-Identifier: MIT
 * Test of the stack argument copy: each count of arguments, and where it may not read. */

#include "raw.h"
#include "services.h"

#include <ntdll.h>
#include <ringscope/layout.h>
#include <ringscope/nt/services.h>
#include <tap.h>

#define PAGE 0x1000
#define COPIED_MAX 14 /* of the dispatcher: 14 steps of 8 bytes */
#define REGISTERS RS_SERVICE_REGISTER_ARGS
#define HOME 5 /* quadwords from RSP to argument 5: return address, home of the other four */

static uint64_t argument(unsigned k)
{
    return 0x1000193 * (uint64_t)k + 77;
}

static uint32_t expected(unsigned count)
{
    uint32_t sum = 0;

    for (unsigned k = 1; k <= count; k++)
        sum += (uint32_t)argument(k) * k;
    return sum;
}

/* NtTestArguments<copied> with its stack arguments at the very end of what `end` ends. */
static uint32_t sum_at_end(unsigned copied, uint64_t *end)
{
    uint64_t *stack = end - copied - HOME;

    for (unsigned k = 1; k <= copied; k++)
        end[-(int)copied + (int)k - 1] = argument(REGISTERS + k);
    return (uint32_t)syscall_with_stack(RS_SERVICE_NtTestArguments0 + copied, (uint64_t)stack,
                                        argument(1), argument(2), argument(3), argument(4));
}

static uint32_t sum_behind_end(unsigned copied, uint64_t end, unsigned readable)
{
    uint64_t stack = end - 8 * (uint64_t)(readable + HOME);

    return (uint32_t)syscall_with_stack(RS_SERVICE_NtTestArguments0 + copied, stack, argument(1),
                                        argument(2), argument(3), argument(4));
}

/* Two readable pages with nothing behind them: the end of the second one. */
static uint64_t *end_of_pages(void)
{
    void *base = NULL;
    uint64_t size = 3 * PAGE;

    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE, PAGE_READWRITE);
    size = 2 * PAGE;
    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_COMMIT, PAGE_READWRITE);
    return (uint64_t *)((uint8_t *)base + 2 * PAGE);
}

static void test_each_count(uint64_t *end)
{
    uint64_t *border = end - PAGE / sizeof(*end); /* between the two pages */

    for (unsigned copied = 0; copied <= COPIED_MAX; copied++) {
        unsigned count = REGISTERS + copied;

        tap_equal(sum_at_end(copied, end), expected(count),
                  "%u stack arguments that end with the last readable page arrive", copied);
        for (unsigned behind = 1; behind < copied; behind++)
            if (sum_at_end(copied, border + behind) != expected(count))
                tap_ok(false, "%u stack arguments, %u of them behind a page border", copied,
                       behind);
    }
    tap_ok(true, "stack arguments on both sides of a page border arrive, whatever their number");
}

static void test_unreadable(uint64_t *end)
{
    unsigned wrong = 0;

    for (unsigned copied = 1; copied <= COPIED_MAX; copied++)
        for (unsigned readable = 0; readable < copied; readable++)
            wrong += sum_behind_end(copied, (uint64_t)end, readable) !=
                     (uint32_t)STATUS_ACCESS_VIOLATION;
    tap_equal(wrong, 0,
              "one that cannot be read: STATUS_ACCESS_VIOLATION, with each number of "
              "arguments and of readable ones");
    wrong = 0;
    for (unsigned copied = 1; copied <= COPIED_MAX; copied++)
        for (unsigned readable = 0; readable <= copied; readable++)
            wrong += sum_behind_end(copied, RS_GVA_USER_PROBE, readable) !=
                     (uint32_t)STATUS_ACCESS_VIOLATION;
    tap_equal(wrong, 0, "below MmUserProbeAddress nothing is mapped: STATUS_ACCESS_VIOLATION");
    for (uint64_t stack = RS_GVA_USER_PROBE - 0x20; stack <= RS_GVA_USER_PROBE; stack += 8)
        wrong += (uint32_t)syscall_with_stack(RS_SERVICE_NtTestArguments14, stack, 0, 0, 0, 0) !=
                 (uint32_t)STATUS_ACCESS_VIOLATION;
    for (unsigned copied = 1; copied <= COPIED_MAX; copied++)
        wrong += (uint32_t)syscall_with_stack(RS_SERVICE_NtTestArguments0 + copied,
                                              (uint64_t)KERNEL_ADDRESS, 0, 0, 0,
                                              0) != (uint32_t)STATUS_ACCESS_VIOLATION;
    tap_equal(wrong, 0, "stacks at MmUserProbeAddress and in kernel space are not read from");
    tap_equal((uint32_t)syscall_with_stack(RS_SERVICE_NtTestArguments0, (uint64_t)KERNEL_ADDRESS,
                                           argument(1), argument(2), argument(3), argument(4)),
              expected(REGISTERS), "without stack arguments the stack may be anywhere");
}

void test_arguments(void)
{
    uint64_t *end = end_of_pages();

    test_each_count(end);
    test_unreadable(end);
}
