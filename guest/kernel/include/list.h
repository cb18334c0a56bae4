/* SPDX-License-Identifier: MIT
 * Doubly linked lists with a head, NT's LIST_ENTRY. */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_entry {
    struct list_entry *Flink, *Blink;
};

/* The structure that has `entry` as its member `field`. */
#define LIST_OWNER(entry, type, field) ((type *)((char *)(entry)-offsetof(type, field)))

static inline void InitializeListHead(struct list_entry *head)
{
    head->Flink = head->Blink = head;
}

static inline bool IsListEmpty(const struct list_entry *head)
{
    return head->Flink == head;
}

/* Between `before` and what followed it. */
static inline void InsertAfter(struct list_entry *before, struct list_entry *entry)
{
    entry->Blink = before;
    entry->Flink = before->Flink;
    before->Flink->Blink = entry;
    before->Flink = entry;
}

static inline void InsertHeadList(struct list_entry *head, struct list_entry *entry)
{
    InsertAfter(head, entry);
}

static inline void InsertTailList(struct list_entry *head, struct list_entry *entry)
{
    InsertAfter(head->Blink, entry);
}

static inline void RemoveEntryList(struct list_entry *entry)
{
    entry->Blink->Flink = entry->Flink;
    entry->Flink->Blink = entry->Blink;
}

#endif
