/* SPDX-License-Identifier: MIT
 * Memory manager: frames, page tables, address ranges, page faults, user memory. */
#ifndef KERNEL_MM_H
#define KERNEL_MM_H

#include "object.h"

#include <nt/types.h>
#include <ringscope/abi.h>

/* Fixed addresses of the first process, below the shared page. */
#define MM_LOWEST_USER_ADDRESS RS_U64(0x10000)
#define MM_USER_STACK_BASE RS_U64(0x7fe40000)
#define MM_USER_STACK_SIZE RS_U64(0x100000)
#define MM_USER_PARAMETERS RS_U64(0x7ffdc000)
#define MM_USER_TEB RS_U64(0x7ffdd000)
#define MM_USER_PEB RS_U64(0x7ffdf000)
#define MM_TEB_SIZE RS_U64(0x2000)
/* Kernel space: stacks that were expanded, under the page directory of the image. */
/* and the blocks of processors, but for the first one */
#define MM_PROCESSORS (RS_GVA_KERNEL + RS_U64(0x08000000))
#define MM_EXPANDED_STACK_TOP (RS_GVA_KERNEL + RS_U64(0x10000000))
#define MM_EXPANDED_STACK_MAX RS_U64(0x1000000)

/* NT's 5-bit protection codes. */
#define MM_READONLY 1
#define MM_EXECUTE 2
#define MM_EXECUTE_READ 3
#define MM_READWRITE 4
#define MM_WRITECOPY 5
#define MM_EXECUTE_READWRITE 6
#define MM_EXECUTE_WRITECOPY 7
#define MM_DECOMMIT 0x10 /* 10 + no code at all: not committed */
#define MM_GUARD 0x10    /* added to a code */
#define MM_NOACCESS 0x18

/*
 * Page-table entries of user space. Bit 0 = 1 is the processor's format. Otherwise:
 *   0                     ask the VAD: its protection if it is committed as a whole
 *   bit 11 (transition)   the page is in memory at the frame given, with the protection in 9:5,
 *                         but may not be used as it is: no access, guard, or being paged out
 *   bits 63:32 not 0      in that slot of the paging file; protection in 9:5
 *   else                  protection in 9:5; the content comes from the VAD at first use
 * Entries in use keep their protection code in bits 56:52, which the processor ignores, as it
 * does bits 9 (a write makes a copy) and 10 (locked: not paged out).
 *
 * Prototype entries, of the pages of a segment, have the same formats without a protection.
 * 0 is a page of zeros.
 */
#define MM_PTE_COPY_ON_WRITE RS_U64(0x200)
#define MM_PTE_LOCKED RS_U64(0x400)
#define MM_PTE_TRANSITION RS_U64(0x800)
#define MM_PTE_PROTECTION_SHIFT 5
#define MM_PTE_VALID_PROTECTION_SHIFT 52
#define MM_PTE_SLOT_SHIFT 32
#define MM_PROTECTION_MASK 0x1f

/* What is known of a page frame. Frames of the kernel and of the boot modules have none of it. */
struct mm_pfn {
    uint32_t Slot;     /* of the paging file with the same content; 0: none */
    uint16_t Shares;   /* page-table entries that hold the frame */
    uint8_t Pins;      /* not paged out: the kernel is using it */
    bool Section : 1;  /* a segment's: its prototype entry holds it, too */
    bool Modified : 1; /* differs from Slot, or, without one, from where it first came from */
};

_Static_assert(sizeof(struct mm_pfn) == 8, "small: there is one for each frame");

/*
 * Pages that views share: of a file, or of a section without one. Files that the VMM loaded are
 * where they are; other pages have prototype entries, in tables below one directory.
 */
struct mm_segment {
    uint32_t References; /* 0: free */
    bool Committed;      /* its pages are charged */
    uint64_t Size;       /* bytes */
    uint64_t ModuleGpa;  /* 0: it has prototype entries */
    uint64_t Directory;  /* frame of the addresses of tables; 0: none yet */
    uint32_t Views;
};

/* A range of the address space with one origin: "virtual address descriptor". */
struct mm_vad {
    struct mm_vad *Next; /* by address */
    uint64_t Start, End; /* End is the first byte after it */
    uint64_t AllocationBase;
    uint32_t AllocationProtect;
    uint8_t Protection; /* code of a committed page without a PTE */
    bool Committed;     /* as a whole: a zero PTE means committed */
    bool Image;
    bool CopyOnWrite;           /* what is written becomes the process's own */
    bool Writable;              /* views: the section allows it */
    bool Stack;                 /* grows at its guard page */
    struct mm_segment *Segment; /* views: the pages from SegmentPage on */
    uint64_t SegmentPage;
    /* Images: file bytes at Start; what follows them is zero. */
    uint64_t FileGpa;
    uint64_t FileSize;
};

struct kthread;
struct handle_entry;

struct kprocess {
    struct object Object;
    uint8_t Fill1[0x28 - 0x20];
    uint64_t DirectoryTableBase;
    uint64_t UserDirectoryTableBase; /* with KVA shadow */
    struct mm_vad *Vads;
    uint64_t UniqueProcessId;
    uint64_t ImageBase;
    uint64_t Entry;
    uint64_t ExceptionDispatcher; /* 0: none */
    uint64_t ApcDispatcher;       /* 0: none */
    uint64_t CommittedPages;
    uint64_t TrimHand; /* where the search for pages to take goes on */
    uint64_t Parent;   /* its UniqueProcessId */
    uint64_t Affinity; /* of its new threads */
    struct handle_entry *Handles;
    struct list_entry Threads; /* no head before the first one */
    uint32_t ThreadCount;      /* that have not ended */
    bool Exiting;
    bool NoWin32; /* its threads cannot become GUI threads */
    NTSTATUS ExitStatus;
};

_Static_assert(offsetof(struct kprocess, DirectoryTableBase) == 0x28, "KPROCESS");

extern struct kprocess PsInitialProcess;

static inline void *MmPhysical(uint64_t gpa)
{
    return (void *)(RS_GVA_DIRECT_MAP + gpa);
}

/* module.c: whether the file is a module, and that mapped at RS_GVA_MODULE: <ringscope/abi.h>. */
bool MmIsModule(const struct rs_boot_module *module);
NTSTATUS MmLoadModule(const struct rs_boot_module *module);

/* frame.c: page frames. 0 = none left. They are zeroed, but for those that are filled at once. */
void MmInitialize(const struct rs_boot_info *boot);
uint64_t MiAllocateFrame(void);
uint64_t MiAllocateFrameToFill(void);
void MiFreeFrame(uint64_t gpa);
extern uint64_t MmFirstFrame;
extern struct mm_pfn *MmPfnDatabase; /* by frame number, from address 0 */
uint64_t MiReclaimSlot(void);
uint64_t MmFreePages(void);

/* Below the first frame are the kernel and the boot modules: mapped, never owned. */
static inline bool MiIsOwnFrame(uint64_t gpa)
{
    return gpa >= MmFirstFrame;
}

static inline struct mm_pfn *MiPfn(uint64_t gpa)
{
    return &MmPfnDatabase[gpa >> PAGE_SHIFT];
}

/*
 * commit.c: a page is committed when a frame or a slot of the paging file is kept for it. `process`
 * NULL: the system's own.
 */
extern uint64_t MmCommitLimit, MmCommittedPages, MmPeakCommitment;
bool MiCharge(struct kprocess *process, uint64_t pages);
void MiUncharge(struct kprocess *process, uint64_t pages);

/* pagefile.c */
#define MM_CLUSTER 16     /* pages of one request out */
#define MM_READ_CLUSTER 8 /* and in */

struct mm_page_out {
    uint64_t *Pte; /* in transition while it is written */
    uint64_t Frame;
    unsigned Protection;
};

uint64_t MiInitializePagefile(const struct rs_boot_info *boot, uint64_t bitmap_gpa,
                              uint64_t memory_pages);
uint64_t MmPagefileSlots(void);
void MiFreeSlot(uint64_t slot);
unsigned MiPageOut(const struct mm_page_out *pages, unsigned count);
NTSTATUS MiPageIn(uint64_t slot, const uint64_t *frames, unsigned count);

/* workingset.c: takes pages from processes until some frames are free. Call it before frames are
 * allocated, not while entries are being changed. */
void MmBalance(void);

/* SYSTEM_PERFORMANCE_INFORMATION counts these. */
struct mm_counters {
    uint32_t CopyOnWrite, Transition, DemandZero, PageRead, PageReadIo, DirtyPagesWrite,
        DirtyWriteIo;
};
extern struct mm_counters MmCounters;

/* pte.c */
uint64_t *MiFindPte(const struct kprocess *process, uint64_t address, uint64_t *next);
uint64_t *MiCreatePte(const struct kprocess *process, uint64_t address);
uint64_t MiValidPte(uint64_t frame, unsigned protection);
uint64_t MiSoftwarePte(unsigned protection);
uint64_t MiSlotPte(uint64_t slot, unsigned protection);
void MiSetPte(uint64_t *pte, uint64_t address, uint64_t value);
void MiReleasePte(uint64_t *pte, uint64_t address, uint64_t replacement);

static inline bool MiPteResident(uint64_t pte)
{
    return pte & (PTE_P | MM_PTE_TRANSITION);
}

/* A resident page that no other entry has. */
static inline bool MiPtePrivate(uint64_t pte)
{
    uint64_t frame = pte & PTE_ADDRESS_MASK;

    return MiPteResident(pte) && MiIsOwnFrame(frame) && !MiPfn(frame)->Section;
}

static inline unsigned MiPteProtection(uint64_t pte)
{
    unsigned shift = pte & PTE_P ? MM_PTE_VALID_PROTECTION_SHIFT : MM_PTE_PROTECTION_SHIFT;

    return pte >> shift & MM_PROTECTION_MASK;
}

static inline uint64_t MiPteSlot(uint64_t pte)
{
    return pte & (PTE_P | MM_PTE_TRANSITION) ? 0 : pte >> MM_PTE_SLOT_SHIFT;
}

/* content.c: a page's first content, or what the paging file has of it. */
NTSTATUS MiMakeValid(const struct mm_vad *vad, uint64_t *pte, uint64_t page, unsigned protection,
                     bool write);
NTSTATUS MiCopyOnWrite(uint64_t *pte, uint64_t page);

/* segment.c */
struct mm_segment *MiCreateSegment(uint64_t module_gpa, uint64_t size, bool committed);
void MiDereferenceSegment(struct mm_segment *segment);
uint64_t *MiPrototypePte(const struct mm_segment *segment, uint64_t page);
NTSTATUS MiSegmentFrame(struct mm_segment *segment, uint64_t page, uint64_t *frame);
void MiForEachPrototype(bool (*visit)(void *context, uint64_t *pte), void *context);
NTSTATUS MmSetSegmentSize(struct mm_segment *segment, uint64_t size);
NTSTATUS MmReadSegment(struct mm_segment *segment, uint64_t offset, void *user, uint64_t size);
NTSTATUS MmWriteSegment(struct mm_segment *segment, uint64_t offset, const void *user,
                        uint64_t size);

static inline uint64_t MiSegmentPages(const struct mm_segment *segment)
{
    return (segment->Size + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* section.c: when the last handle to a section is closed. */
struct object;
void MmDeleteSection(struct object *object);

/* lock.c */
extern uint64_t MmLockedPages;

/* user_root.c: KVA shadow */
NTSTATUS MiCreateUserRoot(struct kprocess *process);
void MiShareTable(const struct kprocess *process, uint64_t *root_entry);

/* protection.c: PAGE_* flags <-> codes. 0 = invalid. Rights: bits of a valid entry. */
unsigned MiProtectionCode(uint32_t protect);
uint32_t MiProtectionFlags(unsigned code);
uint64_t MiPteRights(unsigned code);
bool MiAllows(unsigned code, uint64_t error_code);

/* vad.c */
struct mm_vad *MiFindVad(const struct kprocess *process, uint64_t address);
uint64_t MiFindGap(const struct kprocess *process, uint64_t size, bool top_down);
/* Conflict with another range, or too many of them: *vad is not set. */
NTSTATUS MiInsertVad(struct kprocess *process, uint64_t start, uint64_t end, struct mm_vad **vad);
NTSTATUS MiReleaseRange(struct kprocess *process, struct mm_vad *vad, uint64_t start, uint64_t end);
unsigned MiPageProtection(const struct mm_vad *vad, const uint64_t *pte);
void MiReleaseVad(struct kprocess *process, struct mm_vad *vad);

/* fault.c */
NTSTATUS MmAccessFault(uint64_t error_code, uint64_t address);

/* image.c */
NTSTATUS MmLoadImage(struct kprocess *process, const struct rs_boot_module *module);
/* resident.c: what would be faults of the first instructions is done beforehand. */
NTSTATUS MmMakeImageResident(struct kprocess *process);
NTSTATUS MmMakeStackResident(const struct kthread *thread);
/* process.c: an address space with the kernel, the shared page and nothing else */
NTSTATUS MmCreateAddressSpace(struct kprocess *process);
void MmDeleteAddressSpace(struct kprocess *process);
/* Beside the image: parameters and PEB, filled once the image is there. */
struct mm_user_control {
    struct process_parameters *parameters;
    struct peb *peb;
};
NTSTATUS MmCreateUserControl(struct kprocess *process, struct mm_user_control *control);
void MmFillUserControl(struct kprocess *process, const struct mm_user_control *control,
                       const char *command_line, uint32_t size);
NTSTATUS MiReserveCommitted(struct kprocess *process, uint64_t start, uint64_t size);
void *MiAddPage(uint64_t *pte); /* its content; NULL: out of frames */

/* thread.c. `first`: at the addresses above. A stack size of 0 means the usual one. */
NTSTATUS MmCreateThreadMemory(struct kthread *thread, bool first, uint64_t stack_size);
void MmDeleteThreadMemory(struct kthread *thread);
void *MmCreateKernelStack(void); /* its top; NULL: none left */
void MmDeleteKernelStack(void *top);

/* user.c: the checked way to user memory. With the previous mode "kernel" (Zw*) the kernel's own
 * may be meant. */
static inline bool MmIsUserRange(const void *address, uint64_t size)
{
    return (uint64_t)address < RS_GVA_USER_PROBE && size <= RS_GVA_USER_PROBE - (uint64_t)address;
}
NTSTATUS MmReadUser(void *to, const void *user, size_t size);
NTSTATUS MmWriteUser(void *user, const void *from, size_t size);
NTSTATUS MmProbeForWrite(void *user, size_t size);
/* What the query services give back; *user_length may be NULL. */
NTSTATUS MmWriteInformation(void *user, const void *from, uint32_t size, uint32_t *user_length);

#endif
