/* SPDX-License-Identifier: MIT
 * Driver of the keyboard behind an 8042: scan codes come by interrupt, characters go to who reads.
 */

#include "cpu.h"
#include "io.h"
#include "mm.h"
#include "processor.h"
#include "scheduler.h"

#include <ringscope/x86/keyboard.h>

#define PATIENCE 10000 /* looks at the status register; a controller needs few */
#define CODES 64       /* powers of two */
#define CHARACTERS 256

struct object IoKeyboardObject = {.Type = OBJECT_KEYBOARD,
                                  .SignalState = 1,
                                  .Waits = {&IoKeyboardObject.Waits, &IoKeyboardObject.Waits},
                                  .References = 1};

static const uint8_t plain[RS_KEY_BREAK] = {
#define X(code, character, shifted) [code] = (character),
    RS_KEYS(X)
#undef X
};
static const uint8_t shifted[RS_KEY_BREAK] = {
#define X(code, plain, character) [code] = (character),
    RS_KEYS(X)
#undef X
};

/* Written at KEYBOARD level, read at DISPATCH_LEVEL: each index has one writer. */
static volatile uint8_t codes[CODES];
static volatile uint32_t codes_in, codes_out;
/* There was no room for a code: it stays in the controller, which holds the keyboard's clock
 * meanwhile, so that nothing is lost to a slow reader. */
static volatile bool held;
static volatile uint8_t codes_lock;

/* At DISPATCH_LEVEL. */
static uint8_t characters[CHARACTERS];
static uint32_t characters_in, characters_out;
static bool left_shift, right_shift, caps_lock, extended;
static struct object arrived = {
    .Type = OBJECT_EVENT, .Waits = {&arrived.Waits, &arrived.Waits}, .References = 1};

static bool started;
static uint32_t readers; /* that wait */

static bool wait_for_output(void)
{
    for (unsigned i = 0; i < PATIENCE; i++)
        if (KiIn8(RS_PORT_I8042_COMMAND) & RS_I8042_STATUS_OUTPUT)
            return true;
    return false;
}

static bool expect(uint8_t byte)
{
    return wait_for_output() && KiIn8(RS_PORT_I8042_DATA) == byte;
}

static bool keyboard_does(uint8_t command)
{
    KiOut8(RS_PORT_I8042_DATA, command);
    return expect(RS_KEYBOARD_ACK);
}

static void set_config(uint8_t config)
{
    KiOut8(RS_PORT_I8042_COMMAND, RS_I8042_WRITE_CONFIG);
    KiOut8(RS_PORT_I8042_DATA, config);
}

/* No interrupts yet: the answers are waited for. */
static bool reset(void)
{
    if (KiIn8(RS_PORT_I8042_COMMAND) == UINT8_MAX) /* an empty bus */
        return false;
    KiOut8(RS_PORT_I8042_COMMAND, RS_I8042_DISABLE_KEYBOARD);
    KiOut8(RS_PORT_I8042_COMMAND, RS_I8042_DISABLE_AUX);
    for (unsigned i = 0; i < CODES && (KiIn8(RS_PORT_I8042_COMMAND) & RS_I8042_STATUS_OUTPUT); i++)
        KiIn8(RS_PORT_I8042_DATA);
    KiOut8(RS_PORT_I8042_COMMAND, RS_I8042_SELF_TEST);
    if (!expect(RS_I8042_SELF_TEST_PASSED))
        return false;
    set_config(RS_I8042_CONFIG_SYSTEM | RS_I8042_CONFIG_AUX_DISABLED | RS_I8042_CONFIG_TRANSLATE);
    KiOut8(RS_PORT_I8042_COMMAND, RS_I8042_TEST_KEYBOARD);
    return expect(0) && keyboard_does(RS_KEYBOARD_RESET) && expect(RS_KEYBOARD_TEST_PASSED);
}

static bool start(void)
{
    if (!reset())
        return false;
    IoConnectInterrupt(RS_GSI_KEYBOARD, RS_VECTOR_KEYBOARD);
    if (!keyboard_does(RS_KEYBOARD_ENABLE))
        return false;
    set_config(RS_I8042_CONFIG_INTERRUPT | RS_I8042_CONFIG_SYSTEM | RS_I8042_CONFIG_AUX_DISABLED |
               RS_I8042_CONFIG_TRANSLATE);
    return true;
}

/* At the first opening, not at boot. */
NTSTATUS IoStartKeyboard(void)
{
    if (!started)
        started = start();
    return started ? STATUS_SUCCESS : STATUS_IO_DEVICE_ERROR;
}

bool IoKeyboardIsAwaited(void)
{
    return readers != 0;
}

static uint8_t translate(uint8_t code)
{
    bool shift = left_shift || right_shift;
    bool letter = plain[code] >= 'a' && plain[code] <= 'z';

    return shift != (caps_lock && letter) ? shifted[code] : plain[code];
}

/* Keys that were added later than the table have no character here. */
static void take_code(uint8_t code)
{
    bool down = !(code & RS_KEY_BREAK), was_extended = extended;
    uint8_t key = code & (uint8_t)~RS_KEY_BREAK;

    extended = code == RS_KEY_EXTENDED;
    if (extended || was_extended)
        return;
    if (key == RS_KEY_LEFT_SHIFT)
        left_shift = down;
    else if (key == RS_KEY_RIGHT_SHIFT)
        right_shift = down;
    else if (key == RS_KEY_CAPS_LOCK)
        caps_lock ^= down;
    else if (down && translate(key))
        characters[characters_in++ % CHARACTERS] = translate(key);
}

/* With the lock: the interrupt goes to the first processor, who reads may be on another one. */
static void read_code(void)
{
    held = codes_in - codes_out == CODES;
    if (held)
        return;
    codes[codes_in % CODES] = KiIn8(RS_PORT_I8042_DATA);
    codes_in++;
}

/* At DISPATCH_LEVEL. */
static void take_codes(void *context)
{
    uint64_t flags;

    (void)context;
    while (codes_out != codes_in && characters_in - characters_out < CHARACTERS) {
        take_code(codes[codes_out % CODES]);
        codes_out++;
    }
    flags = KeAcquireInterruptSpinLock(&codes_lock);
    if (held)
        read_code();
    KeReleaseInterruptSpinLock(&codes_lock, flags);
    if (characters_in != characters_out)
        KeSetEvent(&arrived);
}

/* One byte for each edge. */
void IoKeyboardInterrupt(void)
{
    static struct kdpc dpc = {.Routine = take_codes};

    uint64_t flags = KeAcquireInterruptSpinLock(&codes_lock);
    bool ready;

    ready = KiIn8(RS_PORT_I8042_COMMAND) & RS_I8042_STATUS_OUTPUT;
    if (ready)
        read_code();
    KeReleaseInterruptSpinLock(&codes_lock, flags);
    if (!ready)
        return;
    KeInsertQueueDpc(&dpc);
}

static uint32_t take_characters(uint8_t *chunk, uint32_t limit)
{
    uint8_t irql = KiLockDispatcher();
    uint32_t count = 0;

    while (count < limit && characters_out != characters_in)
        chunk[count++] = characters[characters_out++ % CHARACTERS];
    arrived.SignalState = 0;
    take_codes(NULL);
    KiUnlockDispatcher(irql);
    return count;
}

/* Blocks for the first character, then takes what is there. The buffer was probed by the caller. */
NTSTATUS IoReadKeyboard(void *user_buffer, uint32_t length, uint32_t *received)
{
    struct object *const objects[] = {&arrived};
    NTSTATUS status = STATUS_SUCCESS;
    uint8_t chunk[64];

    *received = 0;
    if (length == 0)
        return STATUS_SUCCESS;
    while ((*received = take_characters(chunk, length < sizeof(chunk) ? length : sizeof(chunk))) ==
           0) {
        readers++;
        status = KeWaitForObjects(1, objects, false, false, NULL);
        readers--;
        if (status != STATUS_SUCCESS)
            return status;
    }
    return MmWriteUser(user_buffer, chunk, *received);
}
