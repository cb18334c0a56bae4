/* SPDX-License-Identifier: MIT
 * Section objects. */
#ifndef KERNEL_SECTION_H
#define KERNEL_SECTION_H

#include "ex.h"
#include "mm.h"

#define SECTION_NAME_MAX 64

struct mm_section {
    struct object Header;
    struct mm_segment *Segment;
    uint64_t Size;       /* bytes */
    uint8_t Protection;  /* code: the most that a view can have */
    uint32_t Attributes; /* SEC_*, as NtQuerySection reports them */
    char Name[SECTION_NAME_MAX];
};

#endif
