/* SPDX-License-Identifier: MIT
 * Parts of the program `exceptions`. */
#ifndef EXCEPTIONS_H
#define EXCEPTIONS_H

/* exceptions_context.c: the whole context survives, and can be changed. */
void test_registers(void);
void test_continue(void);

/* exceptions_handlers.c: raising by hand, several handlers, handlers that fault, guard pages. */
void test_raise(void);
void test_handlers(void);
void test_guard_page(void);

#endif
