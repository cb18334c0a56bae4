/* SPDX-License-Identifier: MIT
 * The machine of an emulated host that cannot be saved: frames go into a file, and the file into
 * the initramfs that it is booted with. */
#include "host_machine_bochs.h"

#include "bochs.h"
#include "cache.h"
#include "image.h"
#include "kernel.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* A billion instructions, on a busy host. */
#define BOOT_TIMEOUT_MS 900000

static int find_kernel(struct rs_cache *cache, struct rs_wait *wait, char entry[NAME_MAX + 1],
                       struct rs_error *error)
{
    if (rs_cache_share(cache, wait, error) != 0)
        return -1;
    if (rs_kernel_find(cache, entry) == 0)
        return 0;
    rs_cache_release(cache);
    if (rs_cache_own(cache, wait, error) != 0)
        return -1;
    if (rs_kernel_find(cache, entry) == 0)
        return 0; /* another process fetched it meanwhile */
    return rs_kernel_fetch(cache, wait, entry, error);
}

static int begin_disk(struct rs_host_machine *machine, struct rs_cache *cache, struct rs_wait *wait,
                      struct rs_error *error)
{
    char entry[NAME_MAX + 1], directory[PATH_MAX];

    if (find_kernel(cache, wait, entry, error) != 0 ||
        rs_cache_path(cache, directory, entry, NULL, error) != 0)
        return -1;
    return rs_bochs_disk_begin(&machine->disk, directory, rs_host_describe(machine->kind), error);
}

int rs_host_machine_open_bochs(struct rs_host_machine *machine, struct rs_wait *wait,
                               struct rs_error *error)
{
    struct rs_cache cache;
    int result;

    if (rs_bochs_check(machine->kind, error) != 0 || rs_cache_open(&cache, error) != 0)
        return -1;
    result = begin_disk(machine, &cache, wait, error);
    rs_cache_release(&cache);
    rs_cache_close(&cache);
    rs_channel_init(&machine->channel, -1, wait);
    if (result == 0) {
        machine->inbox = memfd_create("ringscope-inbox", MFD_CLOEXEC);
        if (machine->inbox < 0)
            result = rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: memory file");
    }
    if (result == 0) {
        rs_channel_send_to(&machine->channel, machine->inbox);
        result = rs_image_hello(machine, error);
    }
    if (result != 0)
        rs_host_machine_close(machine);
    return result;
}

int rs_host_machine_start_bochs(struct rs_host_machine *machine, struct rs_error *error)
{
    struct rs_wait *wait = machine->channel.wait;

    if (rs_bochs_disk_end(&machine->disk, machine->inbox, machine->memory_mib, error) != 0)
        return -1;
    rs_wait_stage(wait, "booting it");
    if (rs_bochs_start(&machine->emulator, rs_host_describe(machine->kind), &machine->disk,
                       machine->memory_mib, error) != 0)
        return -1;
    rs_bochs_disk_close(&machine->disk);
    rs_channel_init(&machine->channel, machine->emulator.channel, wait);
    rs_channel_send_to(&machine->channel, machine->emulator.input);
    return rs_image_await(machine, BOOT_TIMEOUT_MS, error);
}
