/* SPDX-License-Identifier: MIT
 * What of kernel space is mapped while ring 3 runs. Its addresses fault in any case; bit 0 of the
 * error code (SDM Vol. 3A, "Page-Fault Exception (#PF)") tells whether there was a translation.
 * With KVA shadow there is none, but for the transition area. */

#include "caught.h"

#include <nt/information.h>
#include <nt/memory.h>
#include <ringscope/layout.h>
#include <tap.h>

static struct fault_information fault;
static NTSTATUS query_status;

/* Before anything else can fault. */
static long look(struct exception_pointers *exception)
{
    query_status = NtSystemDebugControl(SysDbgQueryFault, NULL, 0, &fault, sizeof(fault), NULL);
    return catch_exception(exception);
}

static void touch(uint64_t address)
{
    caught.count = 0;
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                     "movq %%rax, %0\n\t"
                     "movb (%1), %%al\n"
                     "1:"
                     : "=m"(caught.resume)
                     : "r"(address)
                     : "rax", "memory");
}

static uint64_t error_code(uint64_t address)
{
    fault = (struct fault_information){0};
    touch(address);
    return caught.count == 1 && caught.record.ExceptionCode == STATUS_ACCESS_VIOLATION &&
                   query_status == STATUS_SUCCESS && fault.Address == address
               ? fault.ErrorCode
               : UINT64_MAX;
}

static void test_kernel_space(bool shadow)
{
    static const struct {
        const char *name;
        uint64_t address;
    } places[] = {
        {"the kernel's code", RS_GVA_KERNEL},
        {"the direct map of RAM", RS_GVA_DIRECT_MAP + RS_GPA_KERNEL},
        {"the kernel's view of KUSER_SHARED_DATA", RS_GVA_KERNEL_SHARED_DATA},
    };
    uint64_t expected = PF_ERROR_U | (shadow ? 0 : PF_ERROR_P);

    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        tap_equal(error_code(places[i].address), expected, "%s is %s", places[i].name,
                  shadow ? "not mapped" : "mapped, and not for ring 3");
    tap_equal(error_code(RS_GVA_DIRECT_MAP - 0x1000), PF_ERROR_U, "where nothing is, P is 0");
}

/* The kernel has checked that this is all there is. */
static void test_transition_area(void)
{
    struct shadow_range ranges[SHADOW_RANGES_MAX];
    uint32_t size = 0, count;
    struct system_basic_information basic = {0};
    uint64_t pages = 0, others;

    if (!tap_status(
            NtSystemDebugControl(SysDbgWalkUserRoot, NULL, 0, ranges, sizeof(ranges), &size),
            STATUS_SUCCESS, "the kernel finds nothing but the transition area"))
        return;
    count = size / sizeof(ranges[0]);
    for (uint32_t i = 0; i < count; i++) {
        const struct shadow_range *range = &ranges[i];

        printf("# %016llx %llu pages%s%s\n", (unsigned long long)range->Address,
               (unsigned long long)range->Pages, range->Rights & 2 ? ", written" : "",
               range->Rights >> 63 ? "" : ", executed");
        pages += range->Pages;
        tap_equal(error_code(range->Address), PF_ERROR_U | PF_ERROR_P,
                  "its page at %llx is mapped, and not for ring 3",
                  (unsigned long long)range->Address);
        tap_equal(error_code(range->Address + range->Pages * 0x1000), PF_ERROR_U,
                  "the page behind it is not mapped");
    }
    NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL);
    others = basic.NumberOfProcessors - 1u;
    tap_ok(count == 3 + others && pages == 7 + 6 * others,
           "code, descriptor area and KPCR: %llu pages in %u ranges", (unsigned long long)pages,
           count);
}

/* Tables below a new entry of the root. */
static void test_new_root_entry(void)
{
    uint64_t size = 0x1000;
    void *base = (void *)0x0000123400000000;

    if (!tap_status(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size,
                                            MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
                    STATUS_SUCCESS, "memory in a part of user space that was empty"))
        return;
    *(volatile uint64_t *)base = 0x1234;
    tap_equal(*(volatile uint64_t *)base, 0x1234, "ring 3 can use it");
}

int main(int argc, char **argv)
{
    uint32_t information = 0, size;
    bool shadow;

    (void)argc;
    (void)argv;
    tap_status(NtQuerySystemInformation(SystemKernelVaShadowInformation, &information,
                                        sizeof(information), &size),
               STATUS_SUCCESS, "the kernel says what it does");
    shadow = information & KVA_SHADOW_ENABLED;
    printf("# KVA shadow %s, PCID %s\n", shadow ? "on" : "off",
           information & KVA_SHADOW_PCID ? "in use" : "not in use");
    if (!tap_ok(RtlAddVectoredExceptionHandler(true, look), "add a handler"))
        return tap_done();
    test_kernel_space(shadow);
    test_new_root_entry();
    if (shadow)
        test_transition_area();
    else
        tap_status(NtSystemDebugControl(SysDbgWalkUserRoot, NULL, 0, NULL, 0, NULL),
                   STATUS_NOT_SUPPORTED, "without KVA shadow there is no second root");
    return tap_done();
}
