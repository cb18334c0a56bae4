/* SPDX-License-Identifier: MIT
 * The registers of a machine that has stopped, as text. */
#ifndef RINGSCOPE_REGISTERS_H
#define RINGSCOPE_REGISTERS_H

#include "machine.h"

#include <stdio.h>

/* Before each line that `ringscope run --registers` prints. */
#define RS_REGISTERS_PREFIX "ringscope: registers: "

/* Of each vCPU its number, general registers, control registers, EFER, selectors, and tables: lines
 * of NAME=VALUE, `prefix` before each. All vCPU threads have ended. */
void rs_machine_print_registers(const struct rs_machine *machine, const char *prefix, FILE *out);
/* The same; the caller frees it. NULL: out of memory. */
char *rs_machine_registers(const struct rs_machine *machine, size_t *size);

#endif
