/* SPDX-License-Identifier: MIT
 * Test of more than one processor: what each has of its own, and that all of them run. */

#include "smp.h"

#include <nt/process.h>
#include <tap.h>

#define ROUNDS 100

static struct processor_information infos[RS_CPUS_MAX];

/* KUSER_SHARED_DATA, which ring 3 reads without a system call. */
static const struct kuser_shared_data *shared(void)
{
    return (const struct kuser_shared_data *)RS_GVA_USER_SHARED_DATA;
}

static void test_numbers(void)
{
    struct system_basic_information basic = {0};
    struct process_basic_information process = {0};
    uint64_t all = (1ull << cpus) - 1;

    NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL);
    NtQueryInformationProcess(NtCurrentProcess(), ProcessBasicInformation, &process,
                              sizeof(process), NULL);
    printf("# %u processors\n", cpus);
    tap_equal(shared()->ActiveProcessorCount, cpus, "the shared page has their number");
    tap_equal(basic.ActiveProcessorsAffinityMask, all, "the system's mask has all of them");
    tap_equal(process.AffinityMask, all, "and so has the process's");
}

static void test_masks(void)
{
    struct thread_basic_information info = {0};
    uint64_t mask = 1;

    tap_status(bind_to(NtCurrentThread(), 0), STATUS_INVALID_PARAMETER, "no processor at all");
    tap_status(bind_to(NtCurrentThread(), 1ull << cpus), STATUS_INVALID_PARAMETER,
               "a processor that is not there");
    tap_status(NtSetInformationThread(NtCurrentThread(), ThreadAffinityMask, &mask, 4),
               STATUS_INFO_LENGTH_MISMATCH, "a mask of another size");
    bind_to(NtCurrentThread(), 2);
    NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &info, sizeof(info), NULL);
    tap_equal(info.AffinityMask, 2, "a thread's mask is what was set");
    mask = 1;
    tap_status(
        NtSetInformationProcess(NtCurrentProcess(), ProcessAffinityMask, &mask, sizeof(mask)),
        STATUS_SUCCESS, "set the process's mask");
    tap_equal((uint64_t)NtGetCurrentProcessorNumber(), 0, "its threads go there");
    tap_status(bind_to(NtCurrentThread(), 2), STATUS_INVALID_PARAMETER, "and to no other");
    mask = (1ull << cpus) - 1;
    NtSetInformationProcess(NtCurrentProcess(), ProcessAffinityMask, &mask, sizeof(mask));
}

static bool differ(const struct processor_information *a, const struct processor_information *b)
{
    return a->ApicId != b->ApicId && a->Pcr != b->Pcr && a->Gdt != b->Gdt && a->Idt != b->Idt &&
           a->Tss != b->Tss;
}

static void test_tables(void)
{
    unsigned right = 0, segments = 0, different = 0;

    for (uint32_t n = 0; n < cpus; n++) {
        bind_to(NtCurrentThread(), 1ull << n);
        NtSystemDebugControl(SysDbgQueryProcessor, NULL, 0, &infos[n], sizeof(infos[n]), NULL);
        right += infos[n].Number == n && (uint32_t)NtGetCurrentProcessorNumber() == n;
        segments += number_by_segment() == n;
        for (uint32_t i = 0; i < n; i++)
            different += differ(&infos[i], &infos[n]);
        printf("# processor %u: APIC ID %u, KPCR %016llx, GDT %016llx, IDT %016llx, TSS %016llx\n",
               infos[n].Number, infos[n].ApicId, (unsigned long long)infos[n].Pcr,
               (unsigned long long)infos[n].Gdt, (unsigned long long)infos[n].Idt,
               (unsigned long long)infos[n].Tss);
    }
    tap_equal(right, cpus, "a thread goes where its mask says");
    if (number_by_segment() == NUMBER_UNKNOWN)
        tap_skip("LSL of the TEB's segment tells the processor's number",
                 "ring 3 does not see the guest's GDT");
    else
        tap_equal(segments, cpus, "LSL of the TEB's segment tells the processor's number");
    tap_equal(different, cpus * (cpus - 1) / 2, "KPCR, GDT, IDT and TSS are each processor's own");
    tap_equal(infos[0].KernelStack, infos[1].KernelStack, "the kernel stack is the thread's");
    bind_to(NtCurrentThread(), (1ull << cpus) - 1);
}

void test_processors(void)
{
    test_numbers();
    test_masks();
    test_tables();
}

static volatile uint64_t turn, arrived[RS_CPUS_MAX], wrong_place;

/* Each waits for its turn and gives it to the next one: no system calls. */
static NTSTATUS pass_on(void *argument)
{
    uint64_t own = (uint64_t)argument;

    for (unsigned round = 0; round < ROUNDS; round++) {
        while (turn % cpus != own)
            __asm__ volatile("pause");
        wrong_place += number_by_segment() != own && number_by_segment() != NUMBER_UNKNOWN;
        arrived[own]++;
        turn++;
    }
    return STATUS_SUCCESS;
}

void test_ring(void)
{
    struct kernel_counters before, after;
    HANDLE threads[RS_CPUS_MAX] = {0};
    uint64_t switches, calls;

    for (uint64_t n = 0; n < cpus; n++)
        threads[n] = spawn_on((uint32_t)n, pass_on, (void *)n);
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &before, sizeof(before), NULL);
    for (uint32_t n = 0; n < cpus; n++)
        join(threads[n]);
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &after, sizeof(after), NULL);
    switches = after.ContextSwitches - before.ContextSwitches;
    calls = after.SystemCalls - before.SystemCalls;
    tap_equal(turn, ROUNDS * (uint64_t)cpus, "a number went round, from processor to processor");
    if (number_by_segment() == NUMBER_UNKNOWN)
        tap_skip("each was where it belongs", "ring 3 does not see the guest's GDT");
    else
        tap_equal(wrong_place, 0, "each was where it belongs");
    tap_ok(switches < ROUNDS && calls < ROUNDS,
           "they ran at the same time: %llu switches and %llu system calls for %llu turns",
           (unsigned long long)switches, (unsigned long long)calls, (unsigned long long)turn);
}
