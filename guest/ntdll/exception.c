/* SPDX-License-Identifier: MIT
 * Vectored exception handlers. */

#include "ntdll.h"

#define HANDLERS_MAX 8

extern const char KiUserExceptionDispatcher[];

_Noreturn void RtlDispatchException(struct exception_record *record, struct context *context);

/* In calling order. A handle is the address of the function: adding one twice makes one entry. */
static vectored_handler *handlers[HANDLERS_MAX];
static unsigned handler_count;

/* A program with a handler has a dispatcher: this reference links it, and its note, in. */
static const char *volatile dispatcher = KiUserExceptionDispatcher;

void *RtlAddVectoredExceptionHandler(bool first, vectored_handler *handler)
{
    if (handler_count == HANDLERS_MAX || !dispatcher)
        return NULL;
    if (first) {
        memmove(&handlers[1], &handlers[0], handler_count * sizeof(handlers[0]));
        handlers[0] = handler;
    } else {
        handlers[handler_count] = handler;
    }
    handler_count++;
    return (void *)(uintptr_t)handler;
}

bool RtlRemoveVectoredExceptionHandler(void *handle)
{
    for (unsigned i = 0; i < handler_count; i++) {
        if ((void *)(uintptr_t)handlers[i] != handle)
            continue;
        handler_count--;
        memmove(&handlers[i], &handlers[i + 1], (handler_count - i) * sizeof(handlers[0]));
        return true;
    }
    return false;
}

/* Neither service returns when it succeeds. What they refuse is an exception of its own. */
_Noreturn void RtlDispatchException(struct exception_record *record, struct context *context)
{
    struct exception_pointers pointers = {record, context};
    NTSTATUS status = STATUS_SUCCESS;

    for (unsigned i = 0; i < handler_count; i++) {
        if (handlers[i](&pointers) != EXCEPTION_CONTINUE_EXECUTION)
            continue;
        if (record->ExceptionFlags & EXCEPTION_NONCONTINUABLE)
            status = STATUS_NONCONTINUABLE_EXCEPTION;
        else
            status = NtContinue(context, false);
        exit(status);
    }
    status = NtRaiseException(record, context, false);
    exit(status);
}
