/* SPDX-License-Identifier: MIT
 * KVA shadow: switching it on, choosing roots, and looking at what ring 3 runs with. */

#include "cpu.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"

#include <nt/information.h>

/* SDM Vol. 3A, "Process-Context Identifiers (PCIDs)". The numbers are NT's. */
#define PCID_USER 1
#define PCID_KERNEL 2

#define ENTRIES (PAGE_SIZE / 8)
#define USER_ENTRIES (ENTRIES / 2)

#define ROOT_INDEX(address) ((address) >> (PAGE_SHIFT + 27) & (ENTRIES - 1))

/* What the first process has when the kernel is linked. */
_Static_assert(ROOT_INDEX(RS_GVA_PROGRAM) == ROOT_INDEX(RS_GVA_USER_SHARED_DATA),
               "one entry of the root");

bool KiKvaShadow;
static bool pcid;

bool KiPcidInUse(void)
{
    return pcid;
}

static bool has_pcid(void)
{
    uint32_t a = 1, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return c & CPUID_1_ECX_PCID;
}

/* The descriptor area has tables of its own, whose handlers begin with the user's root. */
static void load_tables(struct kpcr *pcr)
{
    struct {
        uint16_t limit;
        void *base;
    } __attribute__((packed)) gdt = {KGDT64_SIZE - 1, KiProcessorArea + AREA_GDT},
                              idt = {KIDT64_SIZE - 1, KiProcessorArea + AREA_IDT};

    __asm__ volatile("lgdt %0\n\tlidt %1\n\tltr %w2"
                     :
                     : "m"(gdt), "m"(idt), "r"(KGDT64_SYS_TSS)
                     : "memory");
    pcr->GdtBase = gdt.base;
    pcr->IdtBase = idt.base;
    pcr->TssBase = KiProcessorArea + AREA_TSS;
}

/* The first process has both roots since the link; from now on the kernel's is without execution in
 * user space. */
void KiInitializeKvaShadow(void)
{
    struct kpcr *pcr = KeGetPcr();

    KiKvaShadow = true;
    load_tables(pcr);
    pcr->RspBaseShadow = pcr->RspBase;
    PsInitialProcess.UserDirectoryTableBase =
        (uint64_t)KiUserPageTables - (RS_GVA_KERNEL - RS_GPA_KERNEL);
    KiPageTables[0][ROOT_INDEX(RS_GVA_PROGRAM)] |= PTE_NX;
    pcid = has_pcid();
    KiInitializeShadowProcessor();
}

/* It has PCID 0 so far: SDM Vol. 2B, "MOV - Move to/from Control Registers". */
void KiInitializeShadowProcessor(void)
{
    if (pcid)
        KiWriteCr4(KiReadCr4() | CR4_PCIDE);
    KiLoadAddressSpace(&PsInitialProcess);
}

/* Processes share two PCIDs, so what is kept of either is dropped with each change. */
void KiLoadAddressSpace(const struct kprocess *process)
{
    struct kpcr *pcr = KeGetPcr();
    uint64_t root = process->DirectoryTableBase, user = process->UserDirectoryTableBase;

    pcr->LoadedProcess = process;
    if (KiKvaShadow) {
        root |= pcid ? PCID_KERNEL : 0;
        pcr->KernelDirectoryTableBase = root | (pcid ? CR3_NO_FLUSH : 0);
        pcr->UserDirectoryTableBase = user | (pcid ? CR3_NO_FLUSH | PCID_USER : 0);
        pcr->ShadowFlags |= SHADOW_FLUSH_PENDING;
    }
    KiWriteCr3(root);
}

struct walk {
    struct shadow_range *ranges;
    unsigned count, max;
};

static bool in_processor_area(const struct kpcr *pcr, uint64_t address)
{
    return address - (uint64_t)pcr->IdtBase < AREA_SIZE ||
           address - ((uint64_t)pcr + KPCR_SHADOW) < PAGE_SIZE;
}

static bool in_transition_area(uint64_t address)
{
    if (address - (uint64_t)KiKvasCodeStart < (uint64_t)(KiKvasCodeEnd - KiKvasCodeStart))
        return true;
    for (uint32_t n = 0; n < KeNumberProcessors; n++)
        if (in_processor_area(KiProcessorBlock[n], address))
            return true;
    return false;
}

static void add_page(struct walk *walk, uint64_t address, uint64_t rights)
{
    struct shadow_range *last = walk->count ? &walk->ranges[walk->count - 1] : NULL;

    if (last && last->Rights == rights && last->Address + last->Pages * PAGE_SIZE == address)
        last->Pages++;
    else if (walk->count < walk->max)
        walk->ranges[walk->count++] = (struct shadow_range){address, 1, rights};
}

/* Tables outside of RAM are not this kernel's: it has nothing there that could be seen. */
static void walk_table(struct walk *walk, uint64_t table, unsigned level, uint64_t address)
{
    const uint64_t *entries = MmPhysical(table & PTE_ADDRESS_MASK);

    for (unsigned i = level == 3 ? USER_ENTRIES : 0; i < ENTRIES; i++) {
        uint64_t entry = entries[i], at = address | (uint64_t)i << (PAGE_SHIFT + 9 * level);

        if (!(entry & PTE_P) || (entry & PTE_ADDRESS_MASK) >= KeBootInfo->memory_size)
            continue;
        if (level > 0 && !(entry & PTE_PS)) {
            walk_table(walk, entry, level - 1, at);
            continue;
        }
        if (level > 0 || (entry & PTE_U) || !in_transition_area(at))
            KeBugCheck(0x1a, KiUserTrapFrame(KeGetCurrentThread()), at, entry, level, 0);
        add_page(walk, at, entry & (PTE_W | PTE_U | PTE_NX));
    }
}

unsigned KiCheckUserRoot(struct shadow_range *ranges, unsigned max)
{
    struct walk walk = {.ranges = ranges, .max = max};

    walk_table(&walk, PsGetCurrentProcess()->UserDirectoryTableBase, 3, RS_U64(0xffff) << 48);
    return walk.count;
}

/* For the test of the check: all of kernel space is there. */
_Noreturn void KiSpoilUserRoot(void)
{
    uint64_t *root = MmPhysical(PsGetCurrentProcess()->UserDirectoryTableBase);
    struct shadow_range ranges[1];
    unsigned slot = ROOT_INDEX(RS_GVA_KERNEL_SHARED_DATA);

    root[slot] = KiPageTables[0][slot];
    KiCheckUserRoot(ranges, 1);
    KeEndProgram(STATUS_UNSUCCESSFUL);
}
