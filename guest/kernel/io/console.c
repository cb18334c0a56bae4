/* SPDX-License-Identifier: MIT
 * The console: a 16550 UART at COM1, polled. */

#include "io.h"

#include "cpu.h"
#include "ke.h"
#include "mm.h"
#include "pvh.h"
#include "scheduler.h"

#include <rtl.h>

/* NS16550 data sheet, register offsets. */
#define UART_DATA (RS_PORT_COM1 + 0)
#define UART_LSR (RS_PORT_COM1 + 5)
#define UART_MSR (RS_PORT_COM1 + 6)
#define UART_LSR_DATA_READY 0x01
#define UART_LSR_TRANSMIT_EMPTY 0x20
#define UART_MSR_CARRIER 0x80 /* clear: no more input will come */

#define POLL_INTERVAL (-10000) /* 1 ms in 100 ns units */

static void wait_for_transmitter(void)
{
    while (!(KiIn8(UART_LSR) & UART_LSR_TRANSMIT_EMPTY))
        __asm__ volatile("pause");
}

/* The transmitter of ringscope's machine never fills: one look at the line status does for all. */
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

/* Waits for one byte. STATUS_END_OF_FILE at the end of input. */
static NTSTATUS wait_for_input(void)
{
    const int64_t interval = POLL_INTERVAL;
    NTSTATUS status = STATUS_SUCCESS;

    while (status == STATUS_SUCCESS && !(KiIn8(UART_LSR) & UART_LSR_DATA_READY)) {
        /* The carrier may drop after the last byte has come: look for data once more. */
        if (!(KiIn8(UART_MSR) & UART_MSR_CARRIER))
            return KiIn8(UART_LSR) & UART_LSR_DATA_READY ? STATUS_SUCCESS : STATUS_END_OF_FILE;
        status = KeDelay(false, &interval);
    }
    return status;
}

/* Blocks for the first byte, then takes what is there. The buffer was probed by the caller. */
NTSTATUS IoReadConsole(void *user_buffer, uint32_t length, uint32_t *received)
{
    uint8_t chunk[64];
    uint32_t count = 0;
    NTSTATUS status;

    *received = 0;
    if (length == 0)
        return STATUS_SUCCESS;
    status = wait_for_input();
    if (!NT_SUCCESS(status))
        return status;
    do {
        chunk[count++] = KiIn8(UART_DATA);
        if (count == sizeof(chunk) || *received + count == length) {
            status = MmWriteUser((uint8_t *)user_buffer + *received, chunk, count);

            if (!NT_SUCCESS(status))
                return status;
            *received += count;
            count = 0;
        }
    } while (*received < length && (KiIn8(UART_LSR) & UART_LSR_DATA_READY));
    status = MmWriteUser((uint8_t *)user_buffer + *received, chunk, count);
    *received += count;
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
