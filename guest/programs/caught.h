/* SPDX-License-Identifier: MIT
 * A handler that records an exception and lets the program go on at a chosen place. */
#ifndef CAUGHT_H
#define CAUGHT_H

#include <ntdll.h>

struct caught {
    unsigned count;
    struct exception_record record; /* of the last one */
    struct context context;
    const void *resume; /* where to go on; NULL: leave RIP alone */
};

extern struct caught caught;

/* A vectored handler; puts the registers of the exception and the resume address right. */
long catch_exception(struct exception_pointers *exception);

/* Runs a piece of code that raises one exception and ends at `resume`. */
void provoke(void (*snippet)(void), const void *resume);

#endif
