/* SPDX-License-Identifier: MIT
 * A saved machine: its identity, and starting QEMU on it. */
#include "image.h"

#include "initrd.h"
#include "kernel.h"

#include <cpuid.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define FORMAT 1 /* of an entry: raise it when the hash would not see a change */

static struct rs_qemu_config configure(const struct rs_image *image, enum rs_qemu_mode mode)
{
    return (struct rs_qemu_config){
        .mode = mode,
        .directory = image->directory,
        .kernel = image->kernel_path,
        .memory_mib = image->memory_mib,
    };
}

int rs_image_check_qemu(const struct rs_image *image, struct rs_error *error)
{
    struct rs_qemu_config config = configure(image, RS_QEMU_BOOT);
    uint64_t hash = 0;

    return rs_qemu_identify(&config, &hash, error);
}

/* QEMU's TSC is the host's: a saved kernel knows the frequency of the processor that booted it. */
static uint64_t hash_processor(uint64_t hash)
{
    for (unsigned leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
        unsigned registers[4] = {0};

        if (__get_cpuid(leaf, &registers[0], &registers[1], &registers[2], &registers[3]))
            hash = rs_hash(hash, registers, sizeof(registers));
    }
    return hash;
}

int rs_image_locate(struct rs_image *image, const struct rs_cache *cache, struct rs_error *error)
{
    struct rs_qemu_config config = configure(image, RS_QEMU_SAVE);
    uint64_t hash = RS_HASH_BEGIN ^ FORMAT;

    if (snprintf(image->kernel_path, PATH_MAX, "../%s/" RS_KERNEL_IMAGE, image->kernel) >= PATH_MAX)
        return rs_error_set(error, RS_EXIT_HOST, "cache: path too long: %.200s", image->kernel);
    if (rs_qemu_identify(&config, &hash, error) != 0)
        return -1;
    hash = rs_hash(hash, rs_init_image, rs_init_image_size());
    hash = hash_processor(hash);
    snprintf(image->entry, sizeof(image->entry), RS_IMAGE_PREFIX "%016" PRIx64, hash);
    return rs_cache_path(cache, image->directory, image->entry, NULL, error);
}

int rs_image_start(struct rs_host_machine *machine, struct rs_wait *wait,
                   const struct rs_image *image, enum rs_qemu_mode mode, struct rs_error *error)
{
    struct rs_qemu_config config = configure(image, mode);

    if (rs_qemu_start(&machine->emulator, &config, error) != 0)
        return -1;
    rs_channel_init(&machine->channel, machine->emulator.channel, wait);
    return 0;
}

static void fill_greeting(struct rs_hello *hello)
{
    *hello = (struct rs_hello){.version = RS_FRAME_VERSION, .realtime_s = time(NULL)};
    if (getrandom(hello->entropy, sizeof(hello->entropy), 0) < 0)
        memset(hello->entropy, 0, sizeof(hello->entropy));
}

static int take_ready(struct rs_channel *channel, bool *ready, struct rs_error *error)
{
    struct rs_frame frame;
    int found = rs_frame_next(&channel->reader, &frame);

    if (found < 0)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: malformed frame");
    *ready = found > 0 && frame.type == RS_FRAME_READY;
    return found == 0 || *ready ? 0 : rs_channel_refuse(&frame, error);
}

/* The console is read meanwhile: a machine that is not listened to stands still. */
static int exchange(struct rs_host_machine *machine, int64_t timeout_ms, struct rs_error *error)
{
    struct rs_channel *channel = &machine->channel;
    struct pollfd slots[] = {{.fd = channel->fd, .events = POLLIN},
                             {.fd = machine->emulator.messages, .events = POLLIN},
                             {.fd = channel->queued ? channel->out : -1, .events = POLLOUT}};
    int ready = rs_wait_poll(channel->wait, slots, 3, timeout_ms);

    if (ready < 0)
        return rs_wait_interrupted(channel->wait, error);
    if (slots[1].revents)
        rs_emulator_messages(&machine->emulator, channel->wait->verbose);
    if (slots[2].revents && rs_channel_flush(channel, error) != 0)
        return -1;
    return slots[0].revents ? rs_channel_receive(channel, error) : 0;
}

static int await_ready(struct rs_host_machine *machine, int timeout_ms, struct rs_error *error)
{
    int64_t deadline = rs_now_ms() + timeout_ms;
    bool ready = false;

    while (!ready) {
        int64_t left = deadline - rs_now_ms();

        if (left <= 0)
            return rs_error_set(error, RS_EXIT_HOST,
                                "the emulated machine did not answer within %d s",
                                timeout_ms / 1000);
        if (exchange(machine, left, error) != 0 ||
            take_ready(&machine->channel, &ready, error) != 0)
            return -1;
    }
    return 0;
}

int rs_image_hello(struct rs_host_machine *machine, struct rs_error *error)
{
    struct rs_hello hello;

    fill_greeting(&hello);
    return rs_channel_send(&machine->channel, RS_FRAME_HELLO, 0, &hello, sizeof(hello), error);
}

int rs_image_await(struct rs_host_machine *machine, int timeout_ms, struct rs_error *error)
{
    if (await_ready(machine, timeout_ms, error) == 0)
        return 0;
    rs_host_machine_explain(machine, error);
    return -1;
}

int rs_image_greet(struct rs_host_machine *machine, int timeout_ms, struct rs_error *error)
{
    if (rs_image_hello(machine, error) == 0)
        return rs_image_await(machine, timeout_ms, error);
    rs_host_machine_explain(machine, error);
    return -1;
}
