/* SPDX-License-Identifier: MIT
 * Accesses that may raise an exception: the status that they raise. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <ntdll.h>

/* The record of the last one that was raised. */
extern struct exception_record attempt_record;

/* Once, before the others. */
void attempt_start(void);

/* STATUS_SUCCESS when nothing is raised. */
NTSTATUS attempt_read(const volatile void *byte);
NTSTATUS attempt_write(volatile void *byte, uint8_t value);
NTSTATUS attempt_call(void (*function)(uint64_t argument), uint64_t argument);

#endif
