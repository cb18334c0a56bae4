/* SPDX-License-Identifier: MIT
 * The one table of the keyboard: what the VMM types and the guest's driver reads. */
#ifndef RINGSCOPE_X86_KEYBOARD_H
#define RINGSCOPE_X86_KEYBOARD_H

/*
 * Source: IBM PC AT Technical Reference, "Keyboard", scan code set 1; the US layout.
 *
 * X(code, plain, shifted)
 *   code     sent when the key goes down; with RS_KEY_BREAK when it comes up
 *   plain    its character
 *   shifted  with Shift held
 */
#define RS_KEYS(X)                                                                                 \
    X(0x01, '\x1b', '\x1b')                                                                        \
    X(0x02, '1', '!')                                                                              \
    X(0x03, '2', '@')                                                                              \
    X(0x04, '3', '#')                                                                              \
    X(0x05, '4', '$')                                                                              \
    X(0x06, '5', '%')                                                                              \
    X(0x07, '6', '^')                                                                              \
    X(0x08, '7', '&')                                                                              \
    X(0x09, '8', '*')                                                                              \
    X(0x0a, '9', '(')                                                                              \
    X(0x0b, '0', ')')                                                                              \
    X(0x0c, '-', '_')                                                                              \
    X(0x0d, '=', '+')                                                                              \
    X(0x0e, '\b', '\b')                                                                            \
    X(0x0f, '\t', '\t')                                                                            \
    X(0x10, 'q', 'Q')                                                                              \
    X(0x11, 'w', 'W')                                                                              \
    X(0x12, 'e', 'E')                                                                              \
    X(0x13, 'r', 'R')                                                                              \
    X(0x14, 't', 'T')                                                                              \
    X(0x15, 'y', 'Y')                                                                              \
    X(0x16, 'u', 'U')                                                                              \
    X(0x17, 'i', 'I')                                                                              \
    X(0x18, 'o', 'O')                                                                              \
    X(0x19, 'p', 'P')                                                                              \
    X(0x1a, '[', '{')                                                                              \
    X(0x1b, ']', '}')                                                                              \
    X(0x1c, '\n', '\n')                                                                            \
    X(0x1e, 'a', 'A')                                                                              \
    X(0x1f, 's', 'S')                                                                              \
    X(0x20, 'd', 'D')                                                                              \
    X(0x21, 'f', 'F')                                                                              \
    X(0x22, 'g', 'G')                                                                              \
    X(0x23, 'h', 'H')                                                                              \
    X(0x24, 'j', 'J')                                                                              \
    X(0x25, 'k', 'K')                                                                              \
    X(0x26, 'l', 'L')                                                                              \
    X(0x27, ';', ':')                                                                              \
    X(0x28, '\'', '"')                                                                             \
    X(0x29, '`', '~')                                                                              \
    X(0x2b, '\\', '|')                                                                             \
    X(0x2c, 'z', 'Z')                                                                              \
    X(0x2d, 'x', 'X')                                                                              \
    X(0x2e, 'c', 'C')                                                                              \
    X(0x2f, 'v', 'V')                                                                              \
    X(0x30, 'b', 'B')                                                                              \
    X(0x31, 'n', 'N')                                                                              \
    X(0x32, 'm', 'M')                                                                              \
    X(0x33, ',', '<')                                                                              \
    X(0x34, '.', '>')                                                                              \
    X(0x35, '/', '?')                                                                              \
    X(0x39, ' ', ' ')

/* Keys without a character. */
#define RS_KEY_LEFT_SHIFT 0x2a
#define RS_KEY_RIGHT_SHIFT 0x36
#define RS_KEY_CAPS_LOCK 0x3a

#define RS_KEY_BREAK 0x80    /* in a code: the key has come up */
#define RS_KEY_EXTENDED 0xe0 /* before the code of a key added later */

/*
 * The 8042 controller. Source: IBM PC AT Technical Reference, "Keyboard Controller".
 * Status register: port 0x64, read.
 */
#define RS_I8042_STATUS_OUTPUT 0x01  /* a byte to read at the data port */
#define RS_I8042_STATUS_SYSTEM 0x04  /* the self-test has passed */
#define RS_I8042_STATUS_COMMAND 0x08 /* the last write was to the command port */
#define RS_I8042_STATUS_NOT_LOCKED 0x10

/* The command byte ("configuration"). */
#define RS_I8042_CONFIG_INTERRUPT 0x01
#define RS_I8042_CONFIG_SYSTEM 0x04
#define RS_I8042_CONFIG_DISABLED 0x10 /* the keyboard's clock is held */
#define RS_I8042_CONFIG_AUX_DISABLED 0x20
#define RS_I8042_CONFIG_TRANSLATE 0x40

/* Commands to the controller: port 0x64, write. */
#define RS_I8042_READ_CONFIG 0x20
#define RS_I8042_WRITE_CONFIG 0x60
#define RS_I8042_DISABLE_AUX 0xa7
#define RS_I8042_ENABLE_AUX 0xa8
#define RS_I8042_SELF_TEST 0xaa
#define RS_I8042_TEST_KEYBOARD 0xab
#define RS_I8042_DISABLE_KEYBOARD 0xad
#define RS_I8042_ENABLE_KEYBOARD 0xae
#define RS_I8042_READ_INPUT 0xc0
#define RS_I8042_READ_OUTPUT 0xd0
#define RS_I8042_WRITE_OUTPUT 0xd1
#define RS_I8042_WRITE_AUX 0xd4
#define RS_I8042_SELF_TEST_PASSED 0x55

/* Commands to the keyboard: port 0x60, write; and what it answers. */
#define RS_KEYBOARD_SET_LEDS 0xed
#define RS_KEYBOARD_ECHO 0xee
#define RS_KEYBOARD_SCAN_SET 0xf0
#define RS_KEYBOARD_IDENTIFY 0xf2
#define RS_KEYBOARD_SET_RATE 0xf3
#define RS_KEYBOARD_ENABLE 0xf4
#define RS_KEYBOARD_DISABLE 0xf5
#define RS_KEYBOARD_DEFAULTS 0xf6
#define RS_KEYBOARD_RESEND 0xfe
#define RS_KEYBOARD_RESET 0xff
#define RS_KEYBOARD_ACK 0xfa
#define RS_KEYBOARD_TEST_PASSED 0xaa

#endif
