/* SPDX-License-Identifier: MIT
 * The bytes of an access in kvm_run, and its value. */
#ifndef RINGSCOPE_EXITS_DATA_H
#define RINGSCOPE_EXITS_DATA_H

#include <stdint.h>
#include <string.h>

/* A size that the compiler knows is one instruction; another is a call of the C library, whose code
 * is cold after each exit. `size` is at most that of the value. */

static inline uint64_t rs_exit_load(const uint8_t *data, unsigned size)
{
    uint64_t value = 0;

    switch (size) {
    case 1:
        return *data;
    case 2:
        memcpy(&value, data, 2);
        break;
    case 4:
        memcpy(&value, data, 4);
        break;
    default:
        memcpy(&value, data, size);
    }
    return value;
}

static inline void rs_exit_store(uint8_t *data, uint64_t value, unsigned size)
{
    switch (size) {
    case 1:
        *data = (uint8_t)value;
        break;
    case 2:
        memcpy(data, &value, 2);
        break;
    case 4:
        memcpy(data, &value, 4);
        break;
    default:
        memcpy(data, &value, size);
    }
}

#endif
