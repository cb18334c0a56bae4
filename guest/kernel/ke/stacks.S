/* SPDX-License-Identifier: MIT
 * Kernel stacks of the first thread, of the idle thread and of the IST entries. */

#include "asm.h"
#include "frame.h"

/*
 *   guard | KiKernelStack | guard | KiIdleStack | guard | IST 1 (#DF) | guard | IST 2 (#MC) |
 *   guard | IST 3 (NMI) | guard | IST 4 (#DB)
 *
 * Every guard is one page that the link-time page tables leave out. KiIstStacks is an array of
 * guard and stack, so that the top of IST n is KiIstStacks + n * (guard + stack).
 */
        .section .bss.stacks, "aw", @nobits
        .balign 4096
        .skip   4096
        .globl  KiKernelStack
        .type   KiKernelStack, @object
        .size   KiKernelStack, KERNEL_STACK_SIZE
KiKernelStack:
        .skip   KERNEL_STACK_SIZE
        .skip   4096
        .globl  KiIdleStack
        .type   KiIdleStack, @object
        .size   KiIdleStack, IDLE_STACK_SIZE
KiIdleStack:
        .skip   IDLE_STACK_SIZE
        .globl  KiIstStacks
        .type   KiIstStacks, @object
        .size   KiIstStacks, IST_COUNT * (4096 + IST_STACK_SIZE)
KiIstStacks:
        .skip   IST_COUNT * (4096 + IST_STACK_SIZE)

        .section .note.GNU-stack, "", @progbits
