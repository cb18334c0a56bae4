/* SPDX-License-Identifier: MIT
 * Section objects: NtCreateSection, NtOpenSection, NtQuerySection, NtExtendSection. */

#include "section.h"

#include "io.h"

#include <nt/api.h>
#include <rtl.h>

#define SECTIONS_MAX 64

static struct mm_section sections[SECTIONS_MAX];

static struct mm_section *find_named(const char *name)
{
    for (unsigned i = 0; i < SECTIONS_MAX; i++)
        if (sections[i].Header.Type == OBJECT_SECTION && name[0] &&
            RtlEqualNames(sections[i].Name, name))
            return &sections[i];
    return NULL;
}

static struct mm_section *allocate_section(void)
{
    for (unsigned i = 0; i < SECTIONS_MAX; i++)
        if (sections[i].Header.Type == OBJECT_FREE)
            return &sections[i];
    return NULL;
}

/* Views outlive the section: they have the segment themselves. */
void MmDeleteSection(struct object *object)
{
    MiDereferenceSegment(((struct mm_section *)object)->Segment);
    object->Type = OBJECT_FREE;
}

/* A section of a file may be larger than the file if the file may grow. */
static NTSTATUS file_segment(HANDLE file, unsigned protection, uint64_t *size,
                             struct mm_segment **segment)
{
    bool write = MiPteRights(protection) & PTE_W;
    NTSTATUS status =
        IoFileSegment(file, write ? FILE_READ_DATA | FILE_WRITE_DATA : FILE_READ_DATA, segment);

    if (!NT_SUCCESS(status))
        return status;
    if (*size == 0)
        *size = (*segment)->Size;
    if (*size == 0)
        return STATUS_MAPPED_FILE_SIZE_ZERO;
    if (*size > (*segment)->Size) {
        status = write ? MmSetSegmentSize(*segment, *size) : STATUS_SECTION_TOO_BIG;
        if (!NT_SUCCESS(status))
            return status;
    }
    (*segment)->References++;
    return STATUS_SUCCESS;
}

static NTSTATUS create_segment(HANDLE file, unsigned protection, uint64_t *size,
                               struct mm_segment **segment)
{
    if (file)
        return file_segment(file, protection, size, segment);
    if (*size == 0)
        return STATUS_INVALID_PARAMETER_4;
    *segment = MiCreateSegment(0, *size, true);
    return *segment ? STATUS_SUCCESS : STATUS_COMMITMENT_LIMIT;
}

static NTSTATUS create(HANDLE file, uint64_t size, unsigned protection, uint32_t attributes,
                       const char *name, uint32_t access, HANDLE *handle)
{
    struct mm_section *section = allocate_section();
    NTSTATUS status;

    if (!section)
        return STATUS_INSUFFICIENT_RESOURCES;
    *section = (struct mm_section){.Protection = (uint8_t)protection};
    KeInitializeObject(&section->Header, OBJECT_SECTION, 0);
    section->Header.Type = OBJECT_FREE; /* until it is complete */
    section->Attributes = file ? SEC_FILE : attributes;
    status = create_segment(file, protection, &size, &section->Segment);
    if (!NT_SUCCESS(status))
        return status;
    section->Size = size;
    memcpy(section->Name, name, sizeof(section->Name));
    status = ExCreateHandle(&section->Header, access, handle);
    if (NT_SUCCESS(status))
        section->Header.Type = OBJECT_SECTION;
    else
        MiDereferenceSegment(section->Segment);
    return status;
}

NTSTATUS NTAPI NtCreateSection(HANDLE *SectionHandle, uint32_t DesiredAccess,
                               const struct object_attributes *ObjectAttributes,
                               const int64_t *MaximumSize, uint32_t SectionPageProtection,
                               uint32_t AllocationAttributes, HANDLE FileHandle)
{
    unsigned protection = MiProtectionCode(SectionPageProtection);
    char name[SECTION_NAME_MAX] = "";
    uint64_t size = 0;
    HANDLE handle;
    NTSTATUS status;

    if (protection == 0 || protection & MM_GUARD)
        return STATUS_INVALID_PAGE_PROTECTION;
    if (AllocationAttributes & (SEC_IMAGE | SEC_RESERVE))
        return STATUS_NOT_SUPPORTED;
    if (AllocationAttributes != SEC_COMMIT)
        return STATUS_INVALID_PARAMETER_6;
    status = MmProbeForWrite(SectionHandle, sizeof(*SectionHandle));
    if (NT_SUCCESS(status) && MaximumSize)
        status = MmReadUser(&size, MaximumSize, sizeof(size));
    if (NT_SUCCESS(status))
        status = ExReadName(ObjectAttributes, name, sizeof(name));
    if (NT_SUCCESS(status) && find_named(name))
        status = STATUS_OBJECT_NAME_COLLISION;
    if (NT_SUCCESS(status))
        status = create(FileHandle, size, protection, AllocationAttributes, name, DesiredAccess,
                        &handle);
    return NT_SUCCESS(status) ? MmWriteUser(SectionHandle, &handle, sizeof(handle)) : status;
}

NTSTATUS NTAPI NtOpenSection(HANDLE *SectionHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes)
{
    struct mm_section *section;
    char name[SECTION_NAME_MAX] = "";
    HANDLE handle;
    NTSTATUS status = MmProbeForWrite(SectionHandle, sizeof(*SectionHandle));

    if (NT_SUCCESS(status))
        status = ExReadName(ObjectAttributes, name, sizeof(name));
    if (!NT_SUCCESS(status))
        return status;
    section = find_named(name);
    if (!section)
        return name[0] ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_SYNTAX_BAD;
    status = ExCreateHandle(&section->Header, DesiredAccess, &handle);
    return NT_SUCCESS(status) ? MmWriteUser(SectionHandle, &handle, sizeof(handle)) : status;
}

NTSTATUS NTAPI NtQuerySection(HANDLE SectionHandle, uint32_t InformationClass, void *Information,
                              uint64_t Length, uint64_t *ReturnLength)
{
    struct mm_section *section;
    struct section_basic_information info = {.BaseAddress = NULL};
    uint64_t size = sizeof(info);
    NTSTATUS status;

    if (InformationClass != SectionBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length < sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    status =
        ExReferenceHandle(SectionHandle, OBJECT_SECTION, SECTION_QUERY, (struct object **)&section);
    if (!NT_SUCCESS(status))
        return status;
    info.AllocationAttributes = section->Attributes;
    info.MaximumSize = (int64_t)section->Size;
    status = MmWriteUser(Information, &info, sizeof(info));
    if (NT_SUCCESS(status) && ReturnLength)
        status = MmWriteUser(ReturnLength, &size, sizeof(size));
    return status;
}

/* Only a section of a file can grow, and its file grows with it. */
NTSTATUS NTAPI NtExtendSection(HANDLE SectionHandle, int64_t *NewSectionSize)
{
    struct mm_section *section;
    uint64_t size;
    NTSTATUS status = MmReadUser(&size, NewSectionSize, sizeof(size));

    if (NT_SUCCESS(status))
        status = MmProbeForWrite(NewSectionSize, sizeof(*NewSectionSize));
    if (NT_SUCCESS(status))
        status = ExReferenceHandle(SectionHandle, OBJECT_SECTION, SECTION_EXTEND_SIZE,
                                   (struct object **)&section);
    if (!NT_SUCCESS(status))
        return status;
    if (!(section->Attributes & SEC_FILE) || !(MiPteRights(section->Protection) & PTE_W))
        return STATUS_SECTION_NOT_EXTENDED;
    if (size > section->Segment->Size)
        status = MmSetSegmentSize(section->Segment, size);
    if (NT_SUCCESS(status) && size > section->Size)
        section->Size = size;
    return NT_SUCCESS(status) ? MmWriteUser(NewSectionSize, &section->Size, sizeof(section->Size))
                              : status;
}
