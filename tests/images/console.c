/* SPDX-License-Identifier: MIT
 * The serial port, polled. */
#include "selftest.h"

#define COM1 0x3f8
#define LSR_THRE 0x20

void print(const char *text)
{
    for (; *text; text++) {
        while (!(in8(COM1 + 5) & LSR_THRE))
            ;
        out8(COM1, (uint8_t)*text);
    }
}

void print_number(uint32_t number)
{
    char digits[11];
    char *next = digits + sizeof(digits) - 1;

    *next = '\0';
    do {
        *--next = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    print(next);
}
