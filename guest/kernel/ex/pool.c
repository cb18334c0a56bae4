/* SPDX-License-Identifier: MIT
 * Room for the small objects, and the end of all kinds. */

#include "pool.h"

#include "io.h"
#include "ps.h"

#define BODIES_MAX 192

union body {
    struct object Object;
    struct ksemaphore Semaphore;
    struct kmutant Mutant;
    struct ktimer_object Timer;
};

static union body bodies[BODIES_MAX];

/* NULL: too many. */
struct object *ExAllocateObject(enum object_type type, int32_t state)
{
    for (unsigned i = 0; i < BODIES_MAX; i++) {
        if (bodies[i].Object.Type != OBJECT_FREE)
            continue;
        bodies[i] = (union body){.Object = {.Type = OBJECT_FREE}};
        KeInitializeObject(&bodies[i].Object, type, state);
        return &bodies[i].Object;
    }
    return NULL;
}

static void delete_object(struct object *object)
{
    object->Type = OBJECT_FREE;
}

/* Whoever owns it has lost its last handle: it will never be released. */
static void delete_mutant(struct object *object)
{
    struct kmutant *mutant = (struct kmutant *)object;

    if (mutant->Owner)
        RemoveEntryList(&mutant->Owned);
    object->Type = OBJECT_FREE;
}

/* The console is there as long as the machine. */
static void (*const delete_procedures[OBJECT_TYPES])(struct object *object) = {
    [OBJECT_EVENT] = delete_object,      [OBJECT_SEMAPHORE] = delete_object,
    [OBJECT_MUTANT] = delete_mutant,     [OBJECT_TIMER] = ExDeleteTimer,
    [OBJECT_PROCESS] = PspDeleteProcess, [OBJECT_THREAD] = PspDeleteThread,
    [OBJECT_FILE] = IoDeleteFile,        [OBJECT_SECTION] = MmDeleteSection,
};

void ExDereference(struct object *object)
{
    if (--object->References == 0 && delete_procedures[object->Type])
        delete_procedures[object->Type](object);
}
