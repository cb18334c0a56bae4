/* SPDX-License-Identifier: MIT
 * A 16550 UART: the guest console. */
#include "uart16550.h"

#include <string.h>

/* Register offsets and bits: PC16550D data sheet, "Register Summary". */
enum {
    RBR_THR_DLL,
    IER_DLM,
    IIR_FCR,
    LCR,
    MCR,
    LSR,
    MSR,
    SCR
};
#define IER_ERBFI 0x01 /* data received */
#define IER_ETBEI 0x02 /* transmitter empty */
#define IER_EDSSI 0x08 /* modem status */
#define LCR_DLAB 0x80
#define LSR_DR 0x01
#define LSR_THRE 0x20
#define LSR_TEMT 0x40
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10
#define MSR_DDCD 0x08
#define MSR_CTS 0x10
#define MSR_DSR 0x20
#define MSR_DCD 0x80
#define IIR_MODEM 0x00
#define IIR_NONE 0x01
#define IIR_TRANSMITTER 0x02
#define IIR_RECEIVED 0x04
#define IIR_FIFOS 0xc0
#define FCR_ENABLE 0x01
#define FCR_CLEAR_RX 0x02

void rs_uart_init(struct rs_uart *uart, uint16_t base, rs_uart_transmit_fn transmit,
                  rs_uart_interrupt_fn interrupt, void *context)
{
    memset(uart, 0, sizeof(*uart));
    pthread_mutex_init(&uart->lock, NULL);
    uart->base = base;
    uart->transmit = transmit;
    uart->interrupt = interrupt;
    uart->context = context;
    uart->dll = 1;
    uart->carrier = true;
}

static bool rx_ready(struct rs_uart *uart)
{
    return uart->loop_ready || atomic_load_explicit(&uart->rx_head, memory_order_acquire) !=
                                   atomic_load_explicit(&uart->rx_tail, memory_order_relaxed);
}

/* "Ended" is read before "ready": bytes that came before the end are never hidden by it. */
static bool has_carrier(struct rs_uart *uart)
{
    bool ended = atomic_load_explicit(&uart->input_ended, memory_order_acquire);

    return !ended || rx_ready(uart);
}

/* The highest of what is pending: "Interrupt Identification Register". */
static uint8_t pending(struct rs_uart *uart)
{
    if ((uart->ier & IER_ERBFI) && rx_ready(uart))
        return IIR_RECEIVED;
    if ((uart->ier & IER_ETBEI) && uart->transmitter_due)
        return IIR_TRANSMITTER;
    if ((uart->ier & IER_EDSSI) && uart->carrier_changed)
        return IIR_MODEM;
    return IIR_NONE;
}

/* With the lock, after anything that may have changed it. */
static void update(struct rs_uart *uart)
{
    bool level;

    if (uart->carrier != has_carrier(uart)) {
        uart->carrier = !uart->carrier;
        uart->carrier_changed = true;
    }
    level = (uart->mcr & MCR_OUT2) && !(uart->mcr & MCR_LOOP) && pending(uart) != IIR_NONE;
    if (level != uart->line) {
        uart->line = level;
        uart->interrupt(uart->context, level);
    }
    if ((uart->ier & IER_ERBFI) && (uart->mcr & MCR_OUT2) && uart->carrier && !rx_ready(uart))
        atomic_store_explicit(&uart->wants_input, true, memory_order_relaxed);
}

static uint8_t rx_take(struct rs_uart *uart)
{
    size_t tail = atomic_load_explicit(&uart->rx_tail, memory_order_relaxed);
    uint8_t byte;

    if (!rx_ready(uart))
        return 0;
    if (uart->loop_ready) {
        uart->loop_ready = false;
        return uart->loop_byte;
    }
    byte = uart->rx[tail % RS_UART_RX_SIZE];
    atomic_store_explicit(&uart->rx_tail, tail + 1, memory_order_release);
    return byte;
}

/* A guest that is about to transmit reads LSR once; one that waits for input reads it again. Input
 * that no guest asks for stays where it is. */
static uint8_t read_lsr(struct rs_uart *uart)
{
    if (rx_ready(uart))
        return LSR_THRE | LSR_TEMT | LSR_DR;
    if (++uart->idle_polls > 1)
        atomic_store_explicit(&uart->wants_input, true, memory_order_relaxed);
    return LSR_THRE | LSR_TEMT;
}

static uint8_t read_msr(struct rs_uart *uart)
{
    bool carrier = has_carrier(uart), changed = uart->carrier_changed || carrier != uart->carrier;

    uart->carrier = carrier;
    uart->carrier_changed = false;
    if (!atomic_load_explicit(&uart->input_ended, memory_order_relaxed))
        atomic_store_explicit(&uart->wants_input, true, memory_order_relaxed);
    return MSR_CTS | MSR_DSR | (carrier ? MSR_DCD : 0) | (changed ? MSR_DDCD : 0);
}

/* Reading it is how "transmitter empty" is taken back. */
static uint8_t read_iir(struct rs_uart *uart)
{
    uint8_t cause = pending(uart);

    if (cause == IIR_TRANSMITTER)
        uart->transmitter_due = false;
    return cause | (uart->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
}

static uint8_t read_register(struct rs_uart *uart, unsigned offset)
{
    bool dlab = uart->lcr & LCR_DLAB;

    switch (offset) {
    case RBR_THR_DLL:
        return dlab ? uart->dll : rx_take(uart);
    case IER_DLM:
        return dlab ? uart->dlm : uart->ier;
    case IIR_FCR:
        return read_iir(uart);
    case LCR:
        return uart->lcr;
    case MCR:
        return uart->mcr;
    case LSR:
        return read_lsr(uart);
    case MSR:
        return read_msr(uart);
    default:
        return uart->scratch;
    }
}

static void transmit(struct rs_uart *uart, uint8_t byte)
{
    if (uart->mcr & MCR_LOOP) { /* loop-back: what is sent is received */
        uart->loop_byte = byte;
        uart->loop_ready = true;
        return;
    }
    uart->idle_polls = 0;
    uart->transmitter_due = true;
    uart->transmit(uart->context, (char)byte);
}

/* The transmitter is empty already when its interrupt is enabled. */
static void write_ier(struct rs_uart *uart, uint8_t value)
{
    if (value & ~uart->ier & IER_ETBEI)
        uart->transmitter_due = true;
    uart->ier = value;
}

static void write_register(struct rs_uart *uart, unsigned offset, uint8_t value)
{
    bool dlab = uart->lcr & LCR_DLAB;

    switch (offset) {
    case RBR_THR_DLL:
        if (dlab)
            uart->dll = value;
        else
            transmit(uart, value);
        break;
    case IER_DLM:
        if (dlab)
            uart->dlm = value;
        else
            write_ier(uart, value & 0x0f);
        break;
    case IIR_FCR:
        uart->fcr = value;
        if (value & FCR_CLEAR_RX)
            while (rx_ready(uart))
                rx_take(uart);
        break;
    case LCR:
        uart->lcr = value;
        break;
    case MCR:
        uart->mcr = value & 0x1f;
        break;
    case SCR:
        uart->scratch = value;
        break;
    default: /* LSR and MSR are read-only */
        break;
    }
}

void rs_uart_io(void *device, struct rs_port_io *io)
{
    struct rs_uart *uart = device;
    unsigned offset = (unsigned)(io->port - uart->base);

    /* An access of two or four bytes is so many accesses of one, at ascending ports. */
    if (!io->out)
        io->value = 0;
    pthread_mutex_lock(&uart->lock);
    for (unsigned i = 0; i < io->size; i++) {
        if (io->out)
            write_register(uart, (offset + i) % RS_UART_PORTS, (uint8_t)(io->value >> (8 * i)));
        else
            io->value |= (uint32_t)read_register(uart, (offset + i) % RS_UART_PORTS) << (8 * i);
    }
    update(uart);
    pthread_mutex_unlock(&uart->lock);
}

size_t rs_uart_room(struct rs_uart *uart)
{
    return RS_UART_RX_SIZE - (atomic_load_explicit(&uart->rx_head, memory_order_relaxed) -
                              atomic_load_explicit(&uart->rx_tail, memory_order_acquire));
}

void rs_uart_receive(struct rs_uart *uart, const void *bytes, size_t count)
{
    size_t head = atomic_load_explicit(&uart->rx_head, memory_order_relaxed);

    for (size_t i = 0; i < count; i++)
        uart->rx[(head + i) % RS_UART_RX_SIZE] = ((const uint8_t *)bytes)[i];
    atomic_store_explicit(&uart->rx_head, head + count, memory_order_release);
    pthread_mutex_lock(&uart->lock);
    update(uart);
    pthread_mutex_unlock(&uart->lock);
}

void rs_uart_end_input(struct rs_uart *uart)
{
    atomic_store_explicit(&uart->input_ended, true, memory_order_release);
    pthread_mutex_lock(&uart->lock);
    update(uart);
    pthread_mutex_unlock(&uart->lock);
}
