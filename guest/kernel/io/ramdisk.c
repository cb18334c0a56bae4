/* SPDX-License-Identifier: MIT
 * The RAM disk: one directory with the files that the VMM loaded and those made since. */

#include "file.h"
#include "io.h"
#include "ke.h"

#include <rtl.h>

#define NODES_MAX 64

static struct io_node nodes[NODES_MAX];
static bool filled;

static struct io_node *free_node(void)
{
    for (unsigned i = 0; i < NODES_MAX; i++)
        if (!nodes[i].Segment)
            return &nodes[i];
    return NULL;
}

/* At first use, not at boot. */
static void fill(void)
{
    const struct rs_boot_info *boot = KeBootInfo;

    if (filled)
        return;
    filled = true;
    for (unsigned i = 0; i < boot->module_count; i++) {
        const struct rs_boot_module *module = &boot->modules[i];
        struct mm_segment *segment = MiCreateSegment(module->gpa, module->size, false);
        struct io_node *node = free_node();

        if (!segment || !node)
            return;
        node->Segment = segment;
        node->ReadOnly = true;
        node->WriteTime = (int64_t)boot->boot_time;
        memcpy(node->Name, module->name, RS_BOOT_NAME_MAX);
    }
}

struct io_node *IoFindNode(const char *name)
{
    fill();
    for (unsigned i = 0; i < NODES_MAX; i++)
        if (nodes[i].Segment && RtlEqualNames(nodes[i].Name, name))
            return &nodes[i];
    return NULL;
}

/* NULL behind the last place; a place without a file has no segment. */
struct io_node *IoNodeAt(uint64_t index)
{
    fill();
    return index < NODES_MAX ? &nodes[index] : NULL;
}

/* An empty file. NULL: too many. */
struct io_node *IoCreateNode(const char *name)
{
    struct io_node *node = free_node();
    struct mm_segment *segment = node ? MiCreateSegment(0, 0, true) : NULL;

    if (!segment)
        return NULL;
    *node = (struct io_node){.Segment = segment, .WriteTime = (int64_t)KeQuerySystemTime()};
    memcpy(node->Name, name, strlen(name) + 1);
    return node;
}

/* A file that was deleted is there until its last handle is closed; its pages as long as views. */
void IoReleaseNode(struct io_node *node)
{
    if (node->Opens || !node->DeletePending)
        return;
    MiDereferenceSegment(node->Segment);
    node->Segment = NULL;
}

uint32_t IoNodeAttributes(const struct io_node *node)
{
    if (!node)
        return FILE_ATTRIBUTE_DIRECTORY;
    return node->ReadOnly ? FILE_ATTRIBUTE_READONLY : FILE_ATTRIBUTE_NORMAL;
}

NTSTATUS IoParsePath(const struct object_attributes *user_attributes, char *name, size_t size)
{
    static const char *const disks[] = {"\\??\\C:\\", "\\DosDevices\\C:\\", "\\Device\\RamDisk\\"};
    char path[FILE_NAME_MAX + 32] = "";
    NTSTATUS status = ExReadName(user_attributes, path, sizeof(path));

    if (!NT_SUCCESS(status))
        return status;
    for (unsigned i = 0; i < sizeof(disks) / sizeof(disks[0]); i++) {
        size_t length = strlen(disks[i]);
        char rest[sizeof(path)];

        memcpy(rest, path, sizeof(path));
        rest[length] = 0;
        if (!RtlEqualNames(rest, disks[i]))
            continue;
        if (strchr(path + length, '\\'))
            return STATUS_OBJECT_PATH_NOT_FOUND; /* there is one directory */
        if (strlen(path + length) >= size)
            return STATUS_OBJECT_NAME_INVALID;
        memcpy(name, path + length, strlen(path + length) + 1);
        return STATUS_SUCCESS;
    }
    return path[0] ? STATUS_OBJECT_PATH_NOT_FOUND : STATUS_OBJECT_PATH_SYNTAX_BAD;
}
