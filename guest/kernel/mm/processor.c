/* SPDX-License-Identifier: MIT
 * Memory of the processors that are started by another one. What the first one has from the link,
 * they get here, in a block of their own. */

#include "processor.h"

#include "mm.h"
#include "scheduler.h"

#include <rtl.h>

/*
 * A block, by offset; pages without a line are not mapped:
 *
 *   00000  KPCR: the pages in use, and the one that is there while ring 3 runs
 *   0a000  KPROCESSOR_DESCRIPTOR_AREA: IDT, TSS, GDT, transition stacks
 *   10000  stack of the idle thread
 *   12000  IST stacks, each above a guard page, as KiIstStacks
 *   1e000  the idle thread
 */
#define BLOCK_SIZE RS_U64(0x20000)
#define BLOCK_AREA RS_U64(0xa000)
#define BLOCK_IDLE_STACK RS_U64(0x10000)
#define BLOCK_IST_STACKS RS_U64(0x12000)
#define BLOCK_IDLE_THREAD RS_U64(0x1e000)

enum {
#define X(field, offset) IST_##field = (offset),
    IST_FRAME_OFFSETS(X)
#undef X
};

#define RIGHTS (PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX)

_Static_assert(RS_CPUS_MAX *BLOCK_SIZE <= LARGE_PAGE_SIZE, "one page table maps all blocks");
_Static_assert(BLOCK_IST_STACKS + IST_COUNT * (PAGE_SIZE + IST_STACK_SIZE) <= BLOCK_IDLE_THREAD,
               "the IST stacks have room");
_Static_assert(sizeof(struct kthread) <= PAGE_SIZE, "the idle thread has a page");

static const struct {
    uint32_t start, size;
} parts[] = {
    {0, (uint32_t)((offsetof(struct kpcr, Fill5) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))},
    {KPCR_SHADOW, PAGE_SIZE},
    {BLOCK_AREA, AREA_SIZE},
    {BLOCK_IDLE_STACK, IDLE_STACK_SIZE},
    {BLOCK_IST_STACKS + PAGE_SIZE, IST_STACK_SIZE},
    {BLOCK_IST_STACKS + 2 * PAGE_SIZE + IST_STACK_SIZE, IST_STACK_SIZE},
    {BLOCK_IST_STACKS + 3 * PAGE_SIZE + 2 * IST_STACK_SIZE, IST_STACK_SIZE},
    {BLOCK_IST_STACKS + 4 * PAGE_SIZE + 3 * IST_STACK_SIZE, IST_STACK_SIZE},
    {BLOCK_IDLE_THREAD, PAGE_SIZE},
};

static bool map(uint64_t block)
{
    uint64_t *ptes = MiCreatePte(&PsInitialProcess, block), frame;

    for (unsigned i = 0; ptes && i < sizeof(parts) / sizeof(parts[0]); i++)
        for (uint64_t page = parts[i].start; page < parts[i].start + parts[i].size;
             page += PAGE_SIZE) {
            frame = MiCharge(NULL, 1) ? MiAllocateFrame() : 0;
            if (!frame)
                return false;
            ptes[page / PAGE_SIZE] = frame | RIGHTS;
        }
    return ptes;
}

/* With KVA shadow ring 3 has the descriptor area and a page of KPCR, in tables that all processes
 * share. */
static bool share(uint64_t block)
{
    const struct kprocess user = {.DirectoryTableBase = PsInitialProcess.UserDirectoryTableBase};
    const uint64_t *from;
    uint64_t *to, next;

    if (!KiKvaShadow)
        return true;
    from = MiFindPte(&PsInitialProcess, block, &next);
    to = MiCreatePte(&user, block);
    if (!to)
        return false;
    to[KPCR_SHADOW / PAGE_SIZE] = from[KPCR_SHADOW / PAGE_SIZE];
    memcpy(to + BLOCK_AREA / PAGE_SIZE, from + BLOCK_AREA / PAGE_SIZE, AREA_SIZE / PAGE_SIZE * 8);
    return true;
}

static void put(uint64_t address, uint64_t value)
{
    memcpy((void *)address, &value, sizeof(value));
}

/* RSP0 is the thread's stack, set with each switch, or the transition stack. */
static void make_tss(struct kpcr *pcr, uint64_t area, uint64_t ist_stacks)
{
    uint64_t tss = (uint64_t)pcr->TssBase;

    for (unsigned i = 0; i < IST_COUNT; i++) {
        uint64_t top = ist_stacks + (i + 1) * (PAGE_SIZE + IST_STACK_SIZE);
        uint64_t transition = area + AREA_IST(i + 1);

        put(tss + TSS64_IST1 + 8 * i, KiKvaShadow ? transition : top);
        put(transition + IST_KernelGsBase, (uint64_t)pcr);
        put(transition + IST_Link, top);
    }
    put(tss + TSS64_RSP0, KiKvaShadow ? area + AREA_RSP0 : (uint64_t)pcr->RspBase);
    pcr->TssBase[TSS64_IOMAP_BASE] = TSS64_SIZE;
}

/* The first processor's, with this one's TSS, not busy; and with its number in the limit of the
 * TEB's segment, where LSL of ring 3 finds it: NT does the same. */
static void make_gdt(const struct kpcr *pcr)
{
    uint64_t *gdt = pcr->GdtBase, tss = (uint64_t)pcr->TssBase;

    memcpy(gdt, KiGdt, KGDT64_SIZE);
    gdt[KGDT64_SYS_TSS / 8] = (TSS64_SIZE - 1) | (tss & 0xffffff) << 16 |
                              (uint64_t)DESC_TYPE_TSS_AVAILABLE << 40 | UINT64_C(1) << 47 |
                              (tss >> 24 & 0xff) << 56;
    gdt[KGDT64_SYS_TSS / 8 + 1] = tss >> 32;
    gdt[KGDT64_R3_CMTEB / 8] |= (uint64_t)(pcr->Number & 3) << 14 | (uint64_t)(pcr->Number >> 2)
                                                                        << 48;
}

/* As if it had been switched away from, but that it begins by a call. */
static void make_idle_thread(struct kthread *thread, uint64_t stack)
{
    *thread = (struct kthread){
        .InitialStack = (void *)(stack + IDLE_STACK_SIZE),
        .StackLimit = stack,
        .StackBase = stack + IDLE_STACK_SIZE,
        .ApcProcess = &PsInitialProcess,
        .Process = &PsInitialProcess,
        .State = THREAD_RUNNING,
        .FxProcessor = NO_PROCESSOR,
    };
}

struct kpcr *MmCreateProcessor(uint32_t number)
{
    uint64_t block = MM_PROCESSORS + number * BLOCK_SIZE, area = block + BLOCK_AREA;
    struct kthread *idle = (struct kthread *)(block + BLOCK_IDLE_THREAD);
    struct kpcr *pcr = (struct kpcr *)block;

    if (!map(block) || !share(block))
        return NULL;
    make_idle_thread(idle, block + BLOCK_IDLE_STACK);
    pcr->Self = pcr;
    pcr->CurrentPrcb = (uint8_t *)pcr + KPCR_PRCB;
    pcr->Number = number;
    pcr->MxCsr = KiInitialPcr.MxCsr;
    pcr->CurrentThread = pcr->IdleThread = idle;
    pcr->RspBase = pcr->RspBaseShadow = idle->InitialStack;
    pcr->IstStacks = (void *)(block + BLOCK_IST_STACKS);
    pcr->LoadedProcess = &PsInitialProcess;
    pcr->GdtBase = (uint64_t *)(area + AREA_GDT);
    pcr->TssBase = (uint8_t *)(area + AREA_TSS);
    pcr->IdtBase = (uint64_t *)(area + AREA_IDT);
    memcpy(pcr->IdtBase, KiKvaShadow ? KiIdtShadowTemplate : KiIdtTemplate, KIDT64_SIZE);
    make_gdt(pcr);
    make_tss(pcr, area, block + BLOCK_IST_STACKS);
    return pcr;
}
