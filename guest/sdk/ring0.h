/* SPDX-License-Identifier: MIT
 * Inside the library of tests at CPL 0. */
#ifndef RING0_H
#define RING0_H

#include <ringscope/test0.h>

/* Whether the fault is one that is expected there; then RIP is where to go on. */
bool test_recover(struct test_registers *registers);
_Noreturn void test_fault_unexpected(const struct test_registers *registers);
_Noreturn void test_end(uint32_t status);

#endif
