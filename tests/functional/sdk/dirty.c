/* SPDX-License-Identifier: MIT
 * Leaves traces wherever a program can: with the second argument `look` the same program finds
 * none. */
#include <ringscope/test3.h>

#define SECRET 0x5ec7e75ec7e75ec7
#define PLACE ((void *)0x600000000)
#define PAGES 512

static uint64_t zeros[2048];
static uint64_t values[4] = {1, 2, 3, 4};

static void leave_traces(void)
{
    void *base = PLACE;
    uint64_t size = PAGES * 4096;
    HANDLE event;

    EXPECT_EQUAL(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size,
                                         MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
                 STATUS_SUCCESS);
    for (uint64_t i = 0; i < size / 8; i++)
        ((volatile uint64_t *)PLACE)[i] = SECRET;
    for (unsigned i = 0; i < 2048; i++)
        ((volatile uint64_t *)zeros)[i] = SECRET;
    for (unsigned i = 0; i < 4; i++)
        ((volatile uint64_t *)values)[i] = SECRET;
    for (unsigned i = 0; i < 20; i++)
        EXPECT_EQUAL(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, true),
                     STATUS_SUCCESS);
    test_claim(base == PLACE, "the memory is where the other looks");
    __asm__ volatile("pcmpeqb %%xmm7, %%xmm7; movq %0, %%r15; fld1" : : "r"(SECRET) : "r15");
}

/* In 4 KiB of stack below this function's own. */
static unsigned find_on_stack(void)
{
    const volatile uint64_t *below;
    unsigned found = 0;

    __asm__("leaq -4096(%%rsp), %0" : "=r"(below));
    for (unsigned i = 0; i < 512; i++)
        found += below[i] == SECRET;
    return found;
}

static void look(void)
{
    static const uint64_t expected[4] = {1, 2, 3, 4};
    uint64_t sum = 0, low, high;
    HANDLE event = NULL;

    __asm__ volatile("movq %%xmm7, %0; movhlps %%xmm7, %%xmm7; movq %%xmm7, %1"
                     : "=r"(low), "=r"(high));
    EXPECT_EQUAL(low | high, 0);
    for (unsigned i = 0; i < 2048; i++)
        sum |= ((volatile uint64_t *)zeros)[i];
    EXPECT_EQUAL(sum, 0);
    for (unsigned i = 0; i < 4; i++)
        tap_equal(((volatile uint64_t *)values)[i], expected[i], "values[%u]", i);
    EXPECT_EQUAL(find_on_stack(), 0);
    EXPECT_RAISES("movq (%0), %%rax", STATUS_ACCESS_VIOLATION, "S"(PLACE));
    EXPECT_EQUAL(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, true),
                 STATUS_SUCCESS);
    EXPECT_EQUAL((uint64_t)event, 0x10); /* the first that a program gets */
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[2], "look") == 0)
        look();
    else
        leave_traces();
    return test_done();
}
