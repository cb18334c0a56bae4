/* SPDX-License-Identifier: MIT
 * The machine of an emulated host: restored when that is possible, else booted. */
#include "host_machine.h"

#include "cache.h"
#include "host_machine_bochs.h"
#include "image.h"
#include "kernel.h"
#include "qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RESTORE_TIMEOUT_MS 20000

static int restore_from(struct rs_host_machine *machine, struct rs_wait *wait,
                        const struct rs_image *image, int state_fd, struct rs_error *error)
{
    if (rs_image_start(machine, wait, image, RS_QEMU_RESTORE, error) != 0)
        return -1;
    if (rs_qmp_restore(&machine->emulator, wait, state_fd, error) == 0 &&
        rs_image_greet(machine, RESTORE_TIMEOUT_MS, error) == 0)
        return 0;
    rs_host_machine_close(machine);
    return -1;
}

static int restore(struct rs_host_machine *machine, struct rs_wait *wait,
                   const struct rs_image *image, struct rs_error *error)
{
    char path[PATH_MAX];
    int state_fd, result;

    if (snprintf(path, sizeof(path), "%s/" RS_QEMU_STATE, image->directory) >= (int)sizeof(path))
        return rs_error_set(error, RS_EXIT_HOST, "cache: path too long");
    state_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (state_fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "%s", path);
    result = restore_from(machine, wait, image, state_fd, error);
    close(state_fd);
    return result;
}

static int boot(struct rs_host_machine *machine, struct rs_wait *wait, const struct rs_image *image,
                struct rs_error *error)
{
    rs_wait_stage(wait, "booting it");
    if (rs_image_start(machine, wait, image, RS_QEMU_BOOT, error) != 0)
        return -1;
    if (rs_image_greet(machine, RS_IMAGE_BOOT_TIMEOUT_MS, error) == 0)
        return 0;
    rs_host_machine_close(machine);
    return -1;
}

/* With the cache shared: the way of every command but the first. */
static int open_saved(struct rs_host_machine *machine, struct rs_cache *cache, struct rs_wait *wait,
                      struct rs_image *image, struct rs_error *error)
{
    if (rs_kernel_find(cache, image->kernel) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: no kernel yet");
    if (rs_image_locate(image, cache, error) != 0 || restore(machine, wait, image, error) != 0)
        return -1;
    rs_cache_touch(cache, image->entry);
    return 0;
}

/* With the cache owned. A saved machine that could not be restored is made anew: whatever spoiled
 * it, a full disk or another QEMU, need not last. */
static int open_new(struct rs_host_machine *machine, struct rs_cache *cache, struct rs_wait *wait,
                    struct rs_image *image, struct rs_error *error)
{
    struct rs_error reason;

    if (rs_kernel_find(cache, image->kernel) != 0 &&
        rs_kernel_fetch(cache, wait, image->kernel, error) != 0)
        return -1;
    if (rs_image_locate(image, cache, error) != 0)
        return -1;
    if (restore(machine, wait, image, &reason) == 0)
        return 0; /* another process made it meanwhile */
    if (wait->signal || rs_image_build(machine, image, cache, wait, error) != 0)
        return wait->signal ? rs_wait_interrupted(wait, error) : -1;
    if (restore(machine, wait, image, &reason) == 0)
        return 0;
    if (wait->signal)
        return rs_wait_interrupted(wait, error);
    rs_wait_note(wait, reason.message);
    return boot(machine, wait, image, error);
}

static int open_with(struct rs_host_machine *machine, struct rs_cache *cache, struct rs_wait *wait,
                     struct rs_image *image, struct rs_error *error)
{
    struct rs_error reason;

    if (rs_cache_share(cache, wait, error) != 0)
        return -1;
    if (open_saved(machine, cache, wait, image, &reason) == 0)
        return 0;
    if (wait->signal)
        return rs_wait_interrupted(wait, error);
    rs_cache_release(cache);
    rs_wait_note(wait, reason.message);
    if (rs_cache_own(cache, wait, error) != 0)
        return -1;
    return open_new(machine, cache, wait, image, error);
}

static int open_qemu(struct rs_host_machine *machine, struct rs_wait *wait, struct rs_error *error)
{
    struct rs_image image = {.memory_mib = machine->memory_mib};
    struct rs_cache cache;
    int result;

    if (rs_image_check_qemu(&image, error) != 0 || rs_cache_open(&cache, error) != 0)
        return -1;
    result = open_with(machine, &cache, wait, &image, error);
    rs_cache_release(&cache);
    rs_cache_close(&cache);
    return result;
}

int rs_host_machine_open(struct rs_host_machine *machine, struct rs_wait *wait,
                         struct rs_error *error)
{
    machine->emulator = (struct rs_emulator)RS_EMULATOR_NONE;
    machine->disk.file = NULL;
    machine->inbox = -1;
    return rs_host_describe(machine->kind)->emulator == RS_HOST_EMULATOR_BOCHS
               ? rs_host_machine_open_bochs(machine, wait, error)
               : open_qemu(machine, wait, error);
}

int rs_host_machine_start(struct rs_host_machine *machine, struct rs_error *error)
{
    return machine->inbox < 0 ? 0 : rs_host_machine_start_bochs(machine, error);
}

void rs_host_machine_explain(struct rs_host_machine *machine, struct rs_error *error)
{
    const char *message =
        machine->emulator.messages >= 0 ? rs_emulator_last_message(&machine->emulator) : "";
    size_t used = strlen(error->message);

    if (*message && !machine->channel.wait->signal)
        snprintf(error->message + used, sizeof(error->message) - used, ": %s", message);
}

void rs_host_machine_close(struct rs_host_machine *machine)
{
    rs_emulator_stop(&machine->emulator);
    rs_bochs_disk_close(&machine->disk);
    if (machine->inbox >= 0)
        close(machine->inbox);
    machine->inbox = -1;
}
