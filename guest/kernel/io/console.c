/* SPDX-License-Identifier: MIT
 * The console's output: a 16550 UART at COM1, whose transmitter is waited for but on ringscope. */

#include "io.h"

#include "cpu.h"
#include "ke.h"
#include "mm.h"
#include "pvh.h"

#include <rtl.h>

/* NS16550 data sheet, register offsets. */
#define UART_DATA (RS_PORT_COM1 + 0)
#define UART_LSR (RS_PORT_COM1 + 5)
#define UART_LSR_TRANSMIT_EMPTY 0x20

/* The transmitter of ringscope's machine never fills: a look at the line status would be an exit
 * for nothing. */
static void wait_for_transmitter(void)
{
    while (KiBootedByPvh && !(KiIn8(UART_LSR) & UART_LSR_TRANSMIT_EMPTY))
        __asm__ volatile("pause");
}

static size_t burst(size_t size)
{
    return KiBootedByPvh ? 1 : size;
}

NTSTATUS IoWriteConsole(const void *user_buffer, uint32_t length)
{
    const uint8_t *next = user_buffer;
    const uint8_t *end = next + length;
    NTSTATUS status = STATUS_SUCCESS;

    if (!MmIsUserRange(user_buffer, length))
        return STATUS_ACCESS_VIOLATION;
    for (; next != end && NT_SUCCESS(status); next += burst(length)) {
        wait_for_transmitter();
        status = KiGuardedOut(next, burst(length), UART_DATA);
    }
    return status;
}

static void put(void *sink, const char *text, size_t size)
{
    (void)sink;
    for (const char *end = text + size; text != end;) {
        size_t count = burst(size);

        wait_for_transmitter();
        __asm__ volatile("rep outsb" : "+S"(text), "+c"(count) : "d"(UART_DATA) : "memory");
    }
}

void KdPrint(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    RtlFormat(put, NULL, format, arguments);
    va_end(arguments);
}
