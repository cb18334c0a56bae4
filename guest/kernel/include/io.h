/* SPDX-License-Identifier: MIT
 * The console: a 16550 UART, polled. */
#ifndef KERNEL_IO_H
#define KERNEL_IO_H

#include <nt/types.h>

/* console.c */
NTSTATUS IoWriteConsole(const void *user_buffer, uint32_t length);
NTSTATUS IoReadConsole(void *user_buffer, uint32_t length, uint32_t *received);
void KdPrint(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
