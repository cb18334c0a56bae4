/* SPDX-License-Identifier: MIT
 * Services for the kernel's own use: Zw*, with the previous mode "kernel". */

#include "asm.h"
#include "frame.h"

#include <ringscope/layout.h>
#include <ringscope/nt/services.h>

/*
 * Called as the service would be (Microsoft convention), from ring 0. The stack argument copy and
 * the counters are those of a system call; what differs is that pointers may be the kernel's own,
 * and that the way back is a RET. Services that wait, or replace the caller's context, have none:
 * they would take the kernel's R12-R15 for the program's.
 */
        .macro  ZW name, number
FUNCTION(\name)
        movl    $(\number), %eax
        jmp     KiServiceInternal
END_FUNCTION(\name)
        .endm

        .text
#define X(number, name, args, class, arguments) .set NUMBER_##name, number;
RS_KERNEL_SERVICES(X)
#undef X
        ZW      ZwClose, NUMBER_NtClose
        ZW      ZwCreateEvent, NUMBER_NtCreateEvent
        ZW      ZwQueryEvent, NUMBER_NtQueryEvent
        ZW      ZwQuerySystemTime, NUMBER_NtQuerySystemTime

        .section .note.GNU-stack, "", @progbits
