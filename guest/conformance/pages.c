/* SPDX-License-Identifier: MIT
 * Memory of the claims: pages of their own, and the program itself brought in beforehand. */

#include "internal.h"

#define STACK_TOUCHED 0x8000 /* bytes: more than any claim and its handlers use */

static void touch(volatile uint8_t *byte, bool writable)
{
    if (writable)
        *byte = *byte;
    else
        (void)*byte;
}

static bool is_writable(uint32_t protection)
{
    return protection &
           (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY);
}

static void touch_range(uint64_t start, uint64_t end, bool writable)
{
    for (uint64_t page = start; page < end; page += PAGE_SIZE)
        touch((volatile uint8_t *)page, writable);
}

static void touch_image(void)
{
    struct memory_basic_information region;
    uint64_t address = RS_GVA_PROGRAM;

    while (NtQueryVirtualMemory(NtCurrentProcess(), (void *)address, MemoryBasicInformation,
                                &region, sizeof(region), NULL) == STATUS_SUCCESS &&
           region.State == MEM_COMMIT) {
        touch_range(address, address + region.RegionSize, is_writable(region.Protect));
        address += region.RegionSize;
    }
}

/* Downwards, page by page: the stack grows when its guard page is touched. Below RSP nothing is
 * kept that a handler's record may not overwrite. */
static void touch_stack(void)
{
    uint64_t top = (uint64_t)__builtin_frame_address(0) & ~(PAGE_SIZE - 1);

    for (uint64_t page = top - PAGE_SIZE; page >= top - STACK_TOUCHED; page -= PAGE_SIZE)
        touch((volatile uint8_t *)page, true);
}

void touch_memory(void)
{
    touch_stack();
    touch_image();
    NtCurrentTeb()->GdiBatchCount = 0; /* on a page of its own, which the dispatcher reads */
}

uint8_t *page_alloc(uint32_t protection)
{
    void *base = NULL;
    uint64_t size = PAGE_SIZE;
    NTSTATUS status = NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size,
                                              MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    if (status != STATUS_SUCCESS)
        return NULL;
    touch(base, true);
    if (protection != PAGE_READWRITE && page_protect(base, protection) != STATUS_SUCCESS)
        return NULL;
    return base;
}

void page_free(void *page)
{
    uint64_t size = 0;

    NtFreeVirtualMemory(NtCurrentProcess(), &page, &size, MEM_RELEASE);
}

NTSTATUS page_protect(void *page, uint32_t protection)
{
    uint64_t size = PAGE_SIZE;
    uint32_t old;

    return NtProtectVirtualMemory(NtCurrentProcess(), &page, &size, protection, &old);
}
