/* SPDX-License-Identifier: MIT
 * A 16550 UART: the guest console. */
#ifndef RINGSCOPE_UART16550_H
#define RINGSCOPE_UART16550_H

#include "ports.h"

#include <stdatomic.h>
#include <stddef.h>

/*
 * Source: National Semiconductor PC16550D data sheet. Polled: transmission is instant, LSR always
 * says that the transmitter is empty, no interrupt is raised. DCD in MSR is set while there may be
 * more input: a guest that finds it clear and no data ready has seen the end of the input.
 */
#define RS_UART_PORTS 8
#define RS_UART_RX_SIZE 4096 /* power of two */

/* Called on the vCPU thread with each byte that the guest transmits. */
typedef void (*rs_uart_transmit_fn)(void *context, char byte);

struct rs_uart {
    rs_uart_transmit_fn transmit;
    void *context;
    uint16_t base;
    uint8_t ier, lcr, mcr, scratch, dll, dlm, fcr;
    unsigned idle_polls; /* LSR reads without data since the last transmission */
    bool loop_ready;     /* loop-back mode: one byte that was sent to itself */
    uint8_t loop_byte;
    atomic_bool wants_input; /* the guest polls for input that is not there */
    atomic_bool input_ended;
    /* Filled by the input thread, emptied by the vCPU thread. */
    atomic_size_t rx_head, rx_tail;
    uint8_t rx[RS_UART_RX_SIZE];
};

void rs_uart_init(struct rs_uart *uart, uint16_t base, rs_uart_transmit_fn transmit, void *context);
void rs_uart_io(void *uart, struct rs_port_io *io); /* an rs_port_fn */

/* Input thread: how many bytes fit, and adding them (count <= room). */
size_t rs_uart_room(struct rs_uart *uart);
void rs_uart_receive(struct rs_uart *uart, const void *bytes, size_t count);
void rs_uart_end_input(struct rs_uart *uart);

#endif
