/* SPDX-License-Identifier: MIT
 * Writing tests at CPL 0 inside of the bundled kernel: a module that is linked with it and may call
 * and look at all that its headers (<ke.h>, <mm.h>, <ex.h>, ...) declare. It runs on the first
 * thread's kernel stack, at PASSIVE_LEVEL with interrupts off, before any program.
 *
 * Beside test0.h's there is nothing to know: faults in the module are caught the same way. A fault
 * in what it calls is the kernel's: a bug check. */
#ifndef RINGSCOPE_TESTK_H
#define RINGSCOPE_TESTK_H

#include <ringscope/test0.h>

#endif
