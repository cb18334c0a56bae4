/* SPDX-License-Identifier: MIT
 * The console's input: what the UART receives comes by interrupts, and goes to who reads. */

#include "cpu.h"
#include "io.h"
#include "mm.h"
#include "processor.h"
#include "scheduler.h"

/* NS16550 data sheet, "Register Summary". */
#define UART_DATA (RS_PORT_COM1 + 0)
#define UART_IIR (RS_PORT_COM1 + 2)
#define UART_MCR (RS_PORT_COM1 + 4)
#define UART_LSR (RS_PORT_COM1 + 5)
#define UART_MSR (RS_PORT_COM1 + 6)
#define UART_IER_RECEIVED 0x01
#define UART_IER_MODEM 0x08
#define UART_IIR_NONE 0x01
#define UART_MCR_DTR_RTS 0x03
#define UART_MCR_OUT2 0x08 /* a PC's interrupt line */
#define UART_LSR_DATA_READY 0x01
#define UART_MSR_CARRIER 0x80 /* clear: no more input will come */

#define BYTES 256 /* power of two */

/* Filled at the level of the interrupt, emptied at DISPATCH_LEVEL: each index has one writer. */
static uint8_t bytes[BYTES];
static volatile uint32_t bytes_in, bytes_out;
static volatile bool ended;
static volatile uint8_t lock; /* of these and of the UART's receiver */

static struct object arrived = {
    .Type = OBJECT_EVENT, .Waits = {&arrived.Waits, &arrived.Waits}, .References = 1};
static bool started;
static uint32_t readers; /* that wait */

/* Input that nobody reads stays in the UART, and there it holds off what is behind it. */
static void ask_for_interrupts(void)
{
    bool room = bytes_in - bytes_out < BYTES;

    KiOut8(RS_PORT_COM1_IER,
           readers ? (room ? UART_IER_RECEIVED : 0) | (ended ? 0 : UART_IER_MODEM) : 0);
}

/* With the lock. The carrier may drop after the last byte has come: the data is looked at last. */
static void receive(void)
{
    bool carrier = KiIn8(UART_MSR) & UART_MSR_CARRIER;

    while (bytes_in - bytes_out < BYTES && (KiIn8(UART_LSR) & UART_LSR_DATA_READY)) {
        bytes[bytes_in % BYTES] = KiIn8(UART_DATA);
        bytes_in++;
    }
    if (!carrier && bytes_in - bytes_out < BYTES)
        ended = true;
}

static void tell_readers(void *context)
{
    (void)context;
    if (bytes_in != bytes_out || ended)
        KeSetEvent(&arrived);
}

/* An edge comes with the first cause only: the line must have been low for another. */
void IoSerialInterrupt(void)
{
    static struct kdpc dpc = {.Routine = tell_readers};
    uint64_t flags = KeAcquireInterruptSpinLock(&lock);

    for (unsigned looks = 0; looks < BYTES && !(KiIn8(UART_IIR) & UART_IIR_NONE); looks++) {
        receive();
        if (bytes_in - bytes_out == BYTES || ended)
            ask_for_interrupts();
    }
    KeReleaseInterruptSpinLock(&lock, flags);
    KeInsertQueueDpc(&dpc);
}

static void start(void)
{
    if (started)
        return;
    started = true;
    IoConnectInterrupt(RS_GSI_COM1, RS_VECTOR_SERIAL);
    KiOut8(UART_MCR, UART_MCR_DTR_RTS | UART_MCR_OUT2);
}

bool IoConsoleIsAwaited(void)
{
    return readers != 0;
}

/* What interrupts have brought, and behind it what is in the UART. Nothing and the end are told
 * apart by `ended`. */
static uint32_t take(uint8_t *chunk, uint32_t limit)
{
    uint8_t irql = KiLockDispatcher();
    uint64_t flags = KeAcquireInterruptSpinLock(&lock);
    uint32_t count = 0;

    while (count < limit && bytes_out != bytes_in)
        chunk[count++] = bytes[bytes_out++ % BYTES];
    while (count < limit && (KiIn8(UART_LSR) & UART_LSR_DATA_READY))
        chunk[count++] = KiIn8(UART_DATA);
    if (count == 0)
        receive(); /* is this the end? */
    if (bytes_out == bytes_in && !ended)
        arrived.SignalState = 0;
    KeReleaseInterruptSpinLock(&lock, flags);
    KiUnlockDispatcher(irql);
    return count;
}

static NTSTATUS wait(void)
{
    struct object *const objects[] = {&arrived};
    NTSTATUS status;
    uint64_t flags = KeAcquireInterruptSpinLock(&lock);

    readers++;
    ask_for_interrupts();
    KeReleaseInterruptSpinLock(&lock, flags);
    status = KeWaitForObjects(1, objects, false, false, NULL);
    flags = KeAcquireInterruptSpinLock(&lock);
    readers--;
    ask_for_interrupts();
    KeReleaseInterruptSpinLock(&lock, flags);
    return status;
}

/* Blocks for the first byte, then takes what is there. STATUS_END_OF_FILE at the end of input. The
 * buffer was probed by the caller. */
NTSTATUS IoReadConsole(void *user_buffer, uint32_t length, uint32_t *received)
{
    NTSTATUS status = STATUS_SUCCESS;
    uint8_t chunk[64];
    uint32_t count;

    *received = 0;
    if (length == 0)
        return STATUS_SUCCESS;
    start();
    while (*received < length && NT_SUCCESS(status)) {
        uint32_t room = length - *received;

        count = take(chunk, room < sizeof(chunk) ? room : sizeof(chunk));
        if (count == 0 && *received > 0)
            break;
        if (count > 0)
            status = MmWriteUser((uint8_t *)user_buffer + *received, chunk, count);
        else if (ended)
            return STATUS_END_OF_FILE;
        else if (bytes_in == bytes_out && (status = wait()) != STATUS_SUCCESS)
            return status;
        *received += NT_SUCCESS(status) ? count : 0;
    }
    return status;
}
