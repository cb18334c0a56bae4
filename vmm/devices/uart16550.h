/* SPDX-License-Identifier: MIT
 * A 16550 UART: the guest console. */
#ifndef RINGSCOPE_UART16550_H
#define RINGSCOPE_UART16550_H

#include "ports.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Source: National Semiconductor PC16550D data sheet. Transmission is instant: LSR always says that
 * the transmitter is empty. DCD in MSR is set while there may be more input: a guest that finds it
 * clear and no data ready has seen the end of the input. Interrupts: data received, transmitter
 * empty, modem status (DCD); as in a PC, OUT2 in MCR lets them reach the line.
 */
#define RS_UART_PORTS 8
#define RS_UART_RX_SIZE 4096 /* power of two */

/* Called on the vCPU thread with each byte that the guest transmits. */
typedef void (*rs_uart_transmit_fn)(void *context, char byte);

/* The interrupt line, when it changes: on a vCPU thread, or the input thread. */
typedef void (*rs_uart_interrupt_fn)(void *context, bool level);

struct rs_uart {
    rs_uart_transmit_fn transmit;
    rs_uart_interrupt_fn interrupt;
    void *context;
    uint16_t base;
    pthread_mutex_t lock; /* all but what is atomic: the input thread, too, raises the line */
    bool line;
    bool transmitter_due; /* IER.ETBEI: "empty" was not told yet */
    bool carrier;         /* DCD when MSR was last looked at */
    bool carrier_changed; /* MSR.DDCD */
    uint8_t ier, lcr, mcr, scratch, dll, dlm, fcr;
    unsigned idle_polls; /* LSR reads without data since the last transmission */
    bool loop_ready;     /* loop-back mode: one byte that was sent to itself */
    uint8_t loop_byte;
    atomic_bool
        wants_input; /* the guest polls for input that is not there, or waits for its interrupt */
    atomic_bool input_ended;
    /* Filled by the input thread, emptied by the vCPU thread. */
    atomic_size_t rx_head, rx_tail;
    uint8_t rx[RS_UART_RX_SIZE];
};

void rs_uart_init(struct rs_uart *uart, uint16_t base, rs_uart_transmit_fn transmit,
                  rs_uart_interrupt_fn interrupt, void *context);
void rs_uart_io(void *uart, struct rs_port_io *io); /* an rs_port_fn */

/* Input thread: how many bytes fit, and adding them (count <= room). */
size_t rs_uart_room(struct rs_uart *uart);
void rs_uart_receive(struct rs_uart *uart, const void *bytes, size_t count);
void rs_uart_end_input(struct rs_uart *uart);

#endif
