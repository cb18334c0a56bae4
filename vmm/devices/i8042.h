/* SPDX-License-Identifier: MIT
 * An 8042 keyboard controller with a keyboard on its first port. */
#ifndef RINGSCOPE_I8042_H
#define RINGSCOPE_I8042_H

#include "ports.h"

#include <pthread.h>
#include <stddef.h>

/*
 * Source: IBM PC AT Technical Reference, "Keyboard Controller" and "Keyboard".
 * The keyboard sends scan code set 1 and knows no other, so that there is nothing for the
 * controller to translate. There is no second port. Pulsing the reset line does nothing: the
 * machine has none. What is typed waits until the driver has enabled scanning: a key is not lost to
 * a guest that starts its driver late.
 */
#define RS_I8042_ANSWERS 4      /* the longest answer is of three bytes */
#define RS_I8042_KEYS_SIZE 1024 /* power of two */

struct rs_i8042 {
    void (*interrupt)(void *context, bool level); /* the line, when it changes */
    void *context;
    pthread_mutex_t lock; /* the vCPU thread reads what the input thread types */
    uint8_t config;
    uint8_t output; /* the byte at the data port */
    bool full;      /* it was not read yet */
    bool line;
    bool after_command;       /* the last write was to the command port */
    uint8_t parameter_of;     /* command of the controller that waits for its byte; 0: none */
    uint8_t key_parameter_of; /* the same of the keyboard */
    bool scanning;
    uint8_t last; /* that the keyboard has sent */
    uint8_t answers[RS_I8042_ANSWERS];
    unsigned answer_count;
    size_t head, tail;
    uint8_t keys[RS_I8042_KEYS_SIZE];
};

void rs_i8042_init(struct rs_i8042 *device, void (*interrupt)(void *context, bool level),
                   void *context);
void rs_i8042_io(void *device, struct rs_port_io *io); /* an rs_port_fn */

/* Input thread: how many scan codes fit, 0 as long as the guest wants none; and adding them
 * (count <= room). */
size_t rs_i8042_room(struct rs_i8042 *device);
void rs_i8042_type(struct rs_i8042 *device, const uint8_t *codes, size_t count);

/* The scan codes, at most RS_KEY_CODES_MAX, that type a character; 0: no key has it. */
#define RS_KEY_CODES_MAX 4
size_t rs_key_codes(char character, uint8_t *codes);

#endif
