/* SPDX-License-Identifier: MIT
 * The 8042's two ports: commands, the output buffer, the interrupt line. */
#include "i8042.h"

#include <ringscope/abi.h>
#include <ringscope/x86/keyboard.h>
#include <string.h>

#define INPUT_PORT_NOT_LOCKED 0x80
#define OUTPUT_PORT_RUNNING 0x01 /* bit 0 clear would be a reset */
#define OUTPUT_PORT_FULL 0x10
#define SCAN_SET 1

void rs_i8042_init(struct rs_i8042 *device, void (*interrupt)(void *context, bool level),
                   void *context)
{
    pthread_mutexattr_t attributes;

    memset(device, 0, sizeof(*device));
    /* A vCPU thread can be ended where it is: the main thread then still gets the lock. */
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&device->lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    device->interrupt = interrupt;
    device->context = context;
    device->config =
        RS_I8042_CONFIG_SYSTEM | RS_I8042_CONFIG_AUX_DISABLED | RS_I8042_CONFIG_TRANSLATE;
}

static void answer(struct rs_i8042 *device, uint8_t byte)
{
    if (device->answer_count < RS_I8042_ANSWERS)
        device->answers[device->answer_count++] = byte;
}

static void set_config(struct rs_i8042 *device, uint8_t value)
{
    device->config = value | RS_I8042_CONFIG_AUX_DISABLED; /* there is no second port */
}

/* Typed codes are for a driver that scans, and whose clock runs. */
static bool takes_keys(const struct rs_i8042 *device)
{
    return device->scanning && !(device->config & RS_I8042_CONFIG_DISABLED);
}

/* The next byte goes to the data port when that is empty; answers come before keys. */
static void fill_output(struct rs_i8042 *device)
{
    if (device->full)
        return;
    if (device->answer_count) {
        device->output = device->answers[0];
        memmove(device->answers, device->answers + 1, --device->answer_count);
    } else if (takes_keys(device) && device->head != device->tail) {
        device->output = device->last = device->keys[device->tail++ % RS_I8042_KEYS_SIZE];
    } else {
        return;
    }
    device->full = true;
}

static void update_line(struct rs_i8042 *device)
{
    bool level = device->full && (device->config & RS_I8042_CONFIG_INTERRUPT);

    if (level == device->line)
        return;
    device->line = level;
    device->interrupt(device->context, level);
}

/* The line falls between two bytes: each is an edge of its own. */
static uint8_t read_data(struct rs_i8042 *device)
{
    uint8_t byte = device->output;

    device->full = false;
    update_line(device);
    return byte;
}

static uint8_t read_status(const struct rs_i8042 *device)
{
    return (device->full ? RS_I8042_STATUS_OUTPUT : 0) |
           (device->config & RS_I8042_CONFIG_SYSTEM ? RS_I8042_STATUS_SYSTEM : 0) |
           (device->after_command ? RS_I8042_STATUS_COMMAND : 0) | RS_I8042_STATUS_NOT_LOCKED;
}

static void reset_keyboard(struct rs_i8042 *device, bool scanning)
{
    device->answer_count = 0; /* a command ends what the keyboard was about to say */
    device->key_parameter_of = 0;
    device->scanning = scanning;
}

static void keyboard_parameter(struct rs_i8042 *device, uint8_t value)
{
    uint8_t command = device->key_parameter_of;

    device->key_parameter_of = 0;
    if (command == RS_KEYBOARD_SCAN_SET && value > SCAN_SET) {
        answer(device, RS_KEYBOARD_RESEND);
        return;
    }
    answer(device, RS_KEYBOARD_ACK); /* lights and rate are nobody's to see */
    if (command == RS_KEYBOARD_SCAN_SET && value == 0)
        answer(device, SCAN_SET);
}

static void keyboard_command(struct rs_i8042 *device, uint8_t command)
{
    uint8_t last = device->last;

    reset_keyboard(device, device->scanning);
    switch (command) {
    case RS_KEYBOARD_ECHO:
        answer(device, RS_KEYBOARD_ECHO);
        return;
    case RS_KEYBOARD_RESEND:
        answer(device, last);
        return;
    case RS_KEYBOARD_SET_LEDS:
    case RS_KEYBOARD_SCAN_SET:
    case RS_KEYBOARD_SET_RATE:
        device->key_parameter_of = command;
        break;
    case RS_KEYBOARD_ENABLE:
    case RS_KEYBOARD_DISABLE:
    case RS_KEYBOARD_DEFAULTS:
    case RS_KEYBOARD_RESET:
        if (command != RS_KEYBOARD_DEFAULTS)
            reset_keyboard(device, command == RS_KEYBOARD_ENABLE);
        break;
    case RS_KEYBOARD_IDENTIFY:
        break;
    default:
        answer(device, RS_KEYBOARD_RESEND); /* no such command */
        return;
    }
    answer(device, RS_KEYBOARD_ACK);
    if (command == RS_KEYBOARD_RESET)
        answer(device, RS_KEYBOARD_TEST_PASSED);
    if (command == RS_KEYBOARD_IDENTIFY) {
        answer(device, 0xab); /* "MF2 keyboard", */
        answer(device, 0x83); /* with translation or without */
    }
}

static void write_data(struct rs_i8042 *device, uint8_t value)
{
    uint8_t command = device->parameter_of;

    device->after_command = false;
    device->parameter_of = 0;
    if (command == RS_I8042_WRITE_CONFIG)
        set_config(device, value);
    if (command) /* to the output port, or to the second port: neither leads anywhere */
        return;
    device->config &= (uint8_t)~RS_I8042_CONFIG_DISABLED; /* sending starts the clock */
    if (device->key_parameter_of && value < RS_KEYBOARD_SET_LEDS)
        keyboard_parameter(device, value);
    else
        keyboard_command(device, value);
}

static void write_command(struct rs_i8042 *device, uint8_t command)
{
    device->after_command = true;
    device->parameter_of = 0;
    switch (command) {
    case RS_I8042_READ_CONFIG:
        answer(device, device->config);
        break;
    case RS_I8042_SELF_TEST:
        device->answer_count = 0;
        set_config(device, device->config | RS_I8042_CONFIG_SYSTEM);
        answer(device, RS_I8042_SELF_TEST_PASSED);
        break;
    case RS_I8042_TEST_KEYBOARD:
        answer(device, 0);
        break;
    case RS_I8042_DISABLE_KEYBOARD:
        set_config(device, device->config | RS_I8042_CONFIG_DISABLED);
        break;
    case RS_I8042_ENABLE_KEYBOARD:
        set_config(device, device->config & (uint8_t)~RS_I8042_CONFIG_DISABLED);
        break;
    case RS_I8042_READ_INPUT:
        answer(device, INPUT_PORT_NOT_LOCKED);
        break;
    case RS_I8042_READ_OUTPUT:
        answer(device, OUTPUT_PORT_RUNNING | (device->full ? OUTPUT_PORT_FULL : 0));
        break;
    case RS_I8042_WRITE_CONFIG:
    case RS_I8042_WRITE_OUTPUT:
    case RS_I8042_WRITE_AUX:
        device->parameter_of = command;
        break;
    default: /* also RS_I8042_DISABLE_AUX and RS_I8042_ENABLE_AUX: there is no second port */
        break;
    }
}

/* Of a wider access the low byte alone is the device's. */
void rs_i8042_io(void *context, struct rs_port_io *io)
{
    struct rs_i8042 *device = context;
    bool data = io->port == RS_PORT_I8042_DATA;

    pthread_mutex_lock(&device->lock);
    if (io->out && data)
        write_data(device, (uint8_t)io->value);
    else if (io->out)
        write_command(device, (uint8_t)io->value);
    else
        io->value = (UINT32_MAX << 8) | (data ? read_data(device) : read_status(device));
    fill_output(device);
    update_line(device);
    pthread_mutex_unlock(&device->lock);
}

size_t rs_i8042_room(struct rs_i8042 *device)
{
    size_t room;

    pthread_mutex_lock(&device->lock);
    room = takes_keys(device) ? RS_I8042_KEYS_SIZE - (device->head - device->tail) : 0;
    pthread_mutex_unlock(&device->lock);
    return room;
}

void rs_i8042_type(struct rs_i8042 *device, const uint8_t *codes, size_t count)
{
    pthread_mutex_lock(&device->lock);
    for (size_t i = 0; i < count; i++)
        device->keys[device->head++ % RS_I8042_KEYS_SIZE] = codes[i];
    fill_output(device);
    update_line(device);
    pthread_mutex_unlock(&device->lock);
}

static size_t press(uint8_t code, bool shift, uint8_t *codes)
{
    size_t count = 0;

    if (shift)
        codes[count++] = RS_KEY_LEFT_SHIFT;
    codes[count++] = code;
    codes[count++] = code | RS_KEY_BREAK;
    if (shift)
        codes[count++] = RS_KEY_LEFT_SHIFT | RS_KEY_BREAK;
    return count;
}

size_t rs_key_codes(char character, uint8_t *codes)
{
    static const struct {
        uint8_t code;
        char plain, shifted;
    } keys[] = {
#define X(code, plain, shifted) {code, plain, shifted},
        RS_KEYS(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (keys[i].plain == character || keys[i].shifted == character)
            return press(keys[i].code, keys[i].plain != character, codes);
    return 0;
}
