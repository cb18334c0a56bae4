/* SPDX-License-Identifier: MIT
 * The small dispatcher objects. */
#ifndef EX_POOL_H
#define EX_POOL_H

#include "ex.h"
#include "ke.h"

struct ksemaphore {
    struct object Object;
    int32_t Limit;
};

struct ktimer_object {
    struct object Object;
    struct ktimer Timer;
    uint64_t Period; /* 100 ns units; 0: once */
    struct kthread *ApcThread;
    uint64_t ApcRoutine, ApcContext;
};

struct object *ExAllocateObject(enum object_type type, int32_t state);
void ExDeleteTimer(struct object *object); /* timer.c */

#endif
