/* SPDX-License-Identifier: MIT
 * Virtual memory: constants and structures of the memory services. */
#ifndef NT_MEMORY_H
#define NT_MEMORY_H

#include <nt/types.h>

#define PAGE_NOACCESS 0x001u
#define PAGE_READONLY 0x002u
#define PAGE_READWRITE 0x004u
#define PAGE_WRITECOPY 0x008u
#define PAGE_EXECUTE 0x010u
#define PAGE_EXECUTE_READ 0x020u
#define PAGE_EXECUTE_READWRITE 0x040u
#define PAGE_EXECUTE_WRITECOPY 0x080u
#define PAGE_GUARD 0x100u

#define MEM_COMMIT 0x00001000u
#define MEM_RESERVE 0x00002000u
#define MEM_DECOMMIT 0x00004000u
#define MEM_RELEASE 0x00008000u
#define MEM_FREE 0x00010000u
#define MEM_PRIVATE 0x00020000u
#define MEM_MAPPED 0x00040000u
#define MEM_TOP_DOWN 0x00100000u
#define MEM_IMAGE 0x01000000u

/* AllocationAttributes of NtCreateSection. */
#define SEC_FILE 0x00800000u
#define SEC_IMAGE 0x01000000u
#define SEC_RESERVE 0x04000000u
#define SEC_COMMIT 0x08000000u

/* InheritDisposition of NtMapViewOfSection. */
#define ViewShare 1u
#define ViewUnmap 2u

/* MapType of NtLockVirtualMemory. */
#define MAP_PROCESS 1u
#define MAP_SYSTEM 2u

#define ALLOCATION_GRANULARITY 0x10000u

#define MemoryBasicInformation 0u
#define SectionBasicInformation 0u

struct section_basic_information {
    void *BaseAddress;
    uint32_t AllocationAttributes;
    int64_t MaximumSize;
};

struct memory_basic_information {
    void *BaseAddress;
    void *AllocationBase;
    uint32_t AllocationProtect;
    uint32_t PartitionId;
    uint64_t RegionSize;
    uint32_t State;
    uint32_t Protect;
    uint32_t Type;
};

_Static_assert(sizeof(struct section_basic_information) == 0x18, "SECTION_BASIC_INFORMATION");
_Static_assert(sizeof(struct memory_basic_information) == 0x30, "MEMORY_BASIC_INFORMATION");

#endif
