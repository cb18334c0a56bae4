/* SPDX-License-Identifier: MIT
 * Views: a part of a section in the address space. */

#include "ke.h"
#include "region.h"
#include "section.h"

#include <nt/api.h>

struct view {
    struct kprocess *process;
    struct mm_section *section;
    uint64_t base, size, offset;
    unsigned protection;
};

/* What a view may do, the section and its handle must allow. */
static uint32_t needed_access(unsigned protection)
{
    uint64_t rights = MiPteRights(protection);

    return (rights & PTE_W ? SECTION_MAP_WRITE : SECTION_MAP_READ) |
           (rights && !(rights & PTE_NX) ? SECTION_MAP_EXECUTE : 0);
}

static bool allows_view(const struct mm_section *section, unsigned protection)
{
    uint64_t own = MiPteRights(section->Protection), rights = MiPteRights(protection);

    return (!(rights & PTE_W) || (own & PTE_W)) &&
           (!rights || (rights & PTE_NX) || !(own & PTE_NX));
}

static NTSTATUS read_view(void **base, uint64_t *size, int64_t *offset, struct view *view)
{
    NTSTATUS status = MmReadUser(&view->base, base, sizeof(view->base));

    if (NT_SUCCESS(status))
        status = MmProbeForWrite(base, sizeof(*base));
    if (NT_SUCCESS(status))
        status = MmReadUser(&view->size, size, sizeof(view->size));
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(size, sizeof(*size));
    if (NT_SUCCESS(status) && offset)
        status = MmReadUser(&view->offset, offset, sizeof(view->offset));
    if (NT_SUCCESS(status) && offset)
        status = MmProbeForWrite(offset, sizeof(*offset));
    return status;
}

static NTSTATUS check_view(struct view *view)
{
    const struct mm_segment *segment = view->section->Segment;

    if (view->base >= RS_GVA_USER_PROBE)
        return STATUS_INVALID_PARAMETER_3;
    if (view->base % ALLOCATION_GRANULARITY || view->offset % ALLOCATION_GRANULARITY)
        return STATUS_MAPPED_ALIGNMENT;
    if (view->offset >= view->section->Size)
        return STATUS_INVALID_VIEW_SIZE;
    if (view->size == 0)
        view->size = view->section->Size - view->offset;
    if (view->size > ((view->section->Size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)) - view->offset ||
        view->offset + view->size > MiSegmentPages(segment) * PAGE_SIZE)
        return STATUS_INVALID_VIEW_SIZE;
    view->size = (view->size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    return allows_view(view->section, view->protection) ? STATUS_SUCCESS
                                                        : STATUS_SECTION_PROTECTION;
}

static bool copies(const struct view *view)
{
    return MiPteRights(view->protection) & MM_PTE_COPY_ON_WRITE;
}

static NTSTATUS insert_view(struct view *view, bool top_down)
{
    uint64_t pages = view->size / PAGE_SIZE;
    struct mm_vad *vad;
    NTSTATUS status;

    if (view->base == 0)
        view->base = MiFindGap(view->process, view->size, top_down);
    if (view->base == 0 || view->size > RS_GVA_USER_PROBE - view->base)
        return STATUS_NO_MEMORY;
    if (copies(view) && !MiCharge(view->process, pages))
        return STATUS_COMMITMENT_LIMIT;
    status = MiInsertVad(view->process, view->base, view->base + view->size, &vad);
    if (!NT_SUCCESS(status)) {
        if (copies(view))
            MiUncharge(view->process, pages);
        return status;
    }
    vad->Committed = true;
    vad->Protection = (uint8_t)view->protection;
    vad->AllocationProtect = MiProtectionFlags(view->protection);
    vad->CopyOnWrite = copies(view);
    vad->Writable = MiPteRights(view->section->Protection) & PTE_W;
    vad->Segment = view->section->Segment;
    vad->SegmentPage = view->offset / PAGE_SIZE;
    vad->Segment->References++;
    vad->Segment->Views++;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, void **BaseAddress,
                                  uint64_t ZeroBits, uint64_t CommitSize, int64_t *SectionOffset,
                                  uint64_t *ViewSize, uint32_t InheritDisposition,
                                  uint32_t AllocationType, uint32_t Protect)
{
    struct view view = {.protection = MiProtectionCode(Protect)};
    NTSTATUS status;

    (void)CommitSize; /* every page of a section is committed from the start */
    if (ZeroBits > 20)
        return STATUS_INVALID_PARAMETER_4;
    if (InheritDisposition != ViewShare && InheritDisposition != ViewUnmap)
        return STATUS_INVALID_PARAMETER_8;
    if (AllocationType & ~MEM_TOP_DOWN)
        return STATUS_INVALID_PARAMETER_9;
    if (view.protection == 0)
        return STATUS_INVALID_PAGE_PROTECTION;
    status = read_view(BaseAddress, ViewSize, SectionOffset, &view);
    if (NT_SUCCESS(status))
        status = ExReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &view.process);
    if (NT_SUCCESS(status) && !view.process->ThreadCount)
        status = STATUS_PROCESS_IS_TERMINATING;
    if (NT_SUCCESS(status))
        status = ExReferenceHandle(SectionHandle, OBJECT_SECTION, needed_access(view.protection),
                                   (struct object **)&view.section);
    if (!NT_SUCCESS(status))
        return status;
    status = check_view(&view);
    if (NT_SUCCESS(status))
        status = insert_view(&view, AllocationType & MEM_TOP_DOWN);
    if (!NT_SUCCESS(status))
        return status;
    if (SectionOffset)
        MmWriteUser(SectionOffset, &view.offset, sizeof(view.offset)); /* all probed before */
    return MiWriteRegion(BaseAddress, ViewSize, view.base, view.base + view.size);
}

NTSTATUS NTAPI NtUnmapViewOfSectionEx(HANDLE ProcessHandle, void *BaseAddress, uint32_t Flags)
{
    struct kprocess *process;
    NTSTATUS status = ExReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &process);
    struct mm_vad *vad;

    if (!NT_SUCCESS(status))
        return status;
    if (Flags)
        return STATUS_INVALID_PARAMETER_3;
    vad = MiFindVad(process, (uint64_t)BaseAddress);
    if (!vad || !vad->Segment)
        return STATUS_NOT_MAPPED_VIEW;
    MiReleaseVad(process, vad);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE ProcessHandle, void *BaseAddress)
{
    return NtUnmapViewOfSectionEx(ProcessHandle, BaseAddress, 0);
}

/* Views have the pages of the file itself: there is nothing to write. */
NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                    struct io_status_block *IoStatus)
{
    struct io_status_block block = {.Pointer = NULL};
    const struct mm_vad *vad;
    struct region region;
    uint64_t start, end;
    NTSTATUS status = MiReadRegion(ProcessHandle, BaseAddress, RegionSize, &region);

    if (NT_SUCCESS(status))
        status = MmProbeForWrite(IoStatus, sizeof(*IoStatus));
    if (!NT_SUCCESS(status))
        return status;
    if (!MiRoundRegion(&region, &start, &end))
        return STATUS_INVALID_PARAMETER_2;
    vad = MiFindVad(region.process, start);
    if (!vad || !vad->Segment || end > vad->End)
        return STATUS_NOT_MAPPED_VIEW;
    MmWriteUser(IoStatus, &block, sizeof(block)); /* probed before */
    return MiWriteRegion(BaseAddress, RegionSize, start, region.size ? end : vad->End);
}
