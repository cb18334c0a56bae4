/* SPDX-License-Identifier: MIT
 * What every object begins with: NT's DISPATCHER_HEADER, and the counts of its object header. */
#ifndef KERNEL_OBJECT_H
#define KERNEL_OBJECT_H

#include "list.h"

#include <stdint.h>

enum object_type {
    OBJECT_FREE,
    OBJECT_CONSOLE,
    OBJECT_KEYBOARD,
    OBJECT_EVENT,
    OBJECT_SEMAPHORE,
    OBJECT_MUTANT,
    OBJECT_TIMER,
    OBJECT_PROCESS,
    OBJECT_THREAD,
    OBJECT_FILE,
    OBJECT_SECTION,
    OBJECT_TYPES
};

struct object {
    uint8_t Type;            /* enum object_type */
    bool Synchronization;    /* a wait that it satisfies takes the signal away */
    int32_t SignalState;     /* above 0: signaled; semaphore: count; mutant: 1 - recursion */
    struct list_entry Waits; /* of struct kwait_block */
    uint32_t References;     /* handles and pointers */
    uint32_t Handles;
};

_Static_assert(offsetof(struct object, References) == 0x18, "DISPATCHER_HEADER");

static inline void KeInitializeObject(struct object *object, enum object_type type, int32_t state)
{
    object->Type = (uint8_t)type;
    object->Synchronization = false;
    object->SignalState = state;
    object->References = object->Handles = 0;
    InitializeListHead(&object->Waits);
}

#endif
