/* SPDX-License-Identifier: MIT
 * A handler that records an exception and lets the program go on at a chosen place. */

#include "caught.h"

struct caught caught;

long catch_exception(struct exception_pointers *exception)
{
    caught.count++;
    caught.record = *exception->ExceptionRecord;
    caught.context = *exception->ContextRecord;
    if (caught.resume)
        exception->ContextRecord->Rip = (uint64_t)caught.resume;
    return EXCEPTION_CONTINUE_EXECUTION;
}

void provoke(void (*snippet)(void), const void *resume)
{
    caught.count = 0;
    caught.resume = resume;
    snippet();
}
