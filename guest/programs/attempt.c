/* SPDX-License-Identifier: MIT
 * Accesses that may raise an exception: the handler goes back to before the access. */

#include "attempt.h"

struct exception_record attempt_record;

static struct context before;
static volatile NTSTATUS status;

static long go_back(struct exception_pointers *exception)
{
    attempt_record = *exception->ExceptionRecord;
    status = attempt_record.ExceptionCode;
    *exception->ContextRecord = before;
    return EXCEPTION_CONTINUE_EXECUTION;
}

void attempt_start(void)
{
    RtlAddVectoredExceptionHandler(true, go_back);
}

NTSTATUS attempt_read(const volatile void *byte)
{
    status = STATUS_SUCCESS;
    RtlCaptureContext(&before); /* returns once more after an exception */
    if (status == STATUS_SUCCESS)
        (void)*(const volatile uint8_t *)byte;
    return status;
}

NTSTATUS attempt_write(volatile void *byte, uint8_t value)
{
    status = STATUS_SUCCESS;
    RtlCaptureContext(&before);
    if (status == STATUS_SUCCESS)
        *(volatile uint8_t *)byte = value;
    return status;
}

NTSTATUS attempt_call(void (*function)(uint64_t argument), uint64_t argument)
{
    status = STATUS_SUCCESS;
    RtlCaptureContext(&before);
    if (status == STATUS_SUCCESS)
        function(argument);
    return status;
}
