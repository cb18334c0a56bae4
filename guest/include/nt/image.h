/* SPDX-License-Identifier: MIT
 * What a program file tells the kernel beside its segments: ELF notes. */
#ifndef NT_IMAGE_H
#define NT_IMAGE_H

/*
 * A program that can take exceptions has a PT_NOTE entry with name "ringscope" and type
 * NT_NOTE_EXCEPTION_DISPATCHER whose 8-byte descriptor is the address of its
 * KiUserExceptionDispatcher. A program without it ends at its first unhandled exception. The same
 * with NT_NOTE_APC_DISPATCHER and KiUserApcDispatcher: without it, at its first user APC.
 */
#define NT_NOTE_NAME "ringscope"
#define NT_NOTE_NAME_SIZE 10 /* with the NUL */
#define NT_NOTE_EXCEPTION_DISPATCHER 1
#define NT_NOTE_APC_DISPATCHER 2

#endif
