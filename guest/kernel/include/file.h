/* SPDX-License-Identifier: MIT
 * The RAM disk: files in memory, and what is open of them. */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "ex.h"
#include "mm.h"

#define FILE_NAME_MAX 64

/* A file of the disk. The pages are a segment, so views see what is written and it is paged. */
struct io_node {
    struct mm_segment *Segment; /* NULL: free */
    bool ReadOnly;              /* loaded by the VMM */
    bool DeletePending;
    uint16_t Opens;
    int64_t WriteTime;
    char Name[FILE_NAME_MAX];
};

/* An open file. Without a node: the root directory. */
struct io_file {
    struct object Header;
    struct io_node *Node;
    uint64_t Position; /* of the directory: index of the next entry */
    uint32_t Access, Share;
    bool DeleteOnClose;
};

/* ramdisk.c */
struct io_node *IoFindNode(const char *name);
struct io_node *IoNodeAt(uint64_t index);
struct io_node *IoCreateNode(const char *name);
void IoReleaseNode(struct io_node *node);
uint32_t IoNodeAttributes(const struct io_node *node);
/* The name behind the disk's own; "" is the root directory. */
NTSTATUS IoParsePath(const struct object_attributes *user_attributes, char *name, size_t size);

/* create.c */
NTSTATUS IoCheckShare(const struct io_node *node, uint32_t access, uint32_t share);
NTSTATUS IoReferenceFile(HANDLE handle, uint32_t access, struct io_file **file);

/* io_status: probed before. */
static inline NTSTATUS IoComplete(struct io_status_block *io_status, NTSTATUS status,
                                  uint64_t information)
{
    struct io_status_block block = {.Pointer = NULL, .Information = information};

    block.Status = status;
    MmWriteUser(io_status, &block, sizeof(block));
    return status;
}

#endif
