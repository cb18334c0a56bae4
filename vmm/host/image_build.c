/* SPDX-License-Identifier: MIT
 * A saved machine: making it. */
#include "image.h"

#include "initrd.h"
#include "qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define UNUSED_DAYS 3

static int path_in(char path[PATH_MAX], const struct rs_image *image, const char *name,
                   struct rs_error *error)
{
    if (snprintf(path, PATH_MAX, "%s/%s", image->directory, name) < PATH_MAX)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "cache: path too long: %.200s", image->directory);
}

/* On the disk before the entry gets its name: after a power failure it is whole or not there. */
static int sync_file(const char *path, struct rs_error *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int result = file < 0 ? -1 : fsync(file);

    if (result != 0)
        rs_error_errno(error, RS_EXIT_HOST, errno, "%s", path);
    if (file >= 0)
        close(file);
    return result;
}

static int save_to(struct rs_host_machine *machine, const struct rs_image *image, int state_fd,
                   struct rs_wait *wait, struct rs_error *error)
{
    int result;

    if (rs_image_start(machine, wait, image, RS_QEMU_SAVE, error) != 0)
        return -1;
    result = rs_image_greet(machine, RS_IMAGE_BOOT_TIMEOUT_MS, error);
    if (result == 0) {
        rs_wait_stage(wait, "saving it (once)");
        result = rs_qmp_save(&machine->emulator, wait, state_fd, error);
    }
    rs_host_machine_close(machine);
    return result;
}

static int save(struct rs_host_machine *machine, const struct rs_image *image, struct rs_wait *wait,
                struct rs_error *error)
{
    char state[PATH_MAX], memory[PATH_MAX];
    int state_fd, result;

    if (path_in(state, image, RS_QEMU_STATE, error) != 0 ||
        path_in(memory, image, RS_QEMU_MEMORY, error) != 0)
        return -1;
    state_fd = open(state, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (state_fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "%s", state);
    result = save_to(machine, image, state_fd, wait, error);
    close(state_fd);
    if (result == 0 && sync_file(state, error) == 0 && sync_file(memory, error) == 0)
        return 0;
    unlink(state);
    unlink(memory);
    return -1;
}

static int fill(struct rs_host_machine *machine, const struct rs_image *image,
                const struct rs_cache *cache, struct rs_wait *wait, struct rs_error *error)
{
    char initrd[PATH_MAX], kernel[PATH_MAX];
    struct rs_error reason;

    if (path_in(initrd, image, RS_QEMU_INITRD, error) != 0 ||
        rs_cache_path(cache, kernel, image->kernel, NULL, error) != 0 ||
        rs_initrd_write(initrd, kernel, rs_host_describe(RS_HOST_KIND_TCG), error) != 0)
        return -1;
    rs_wait_stage(wait, "booting it (once)");
    if (save(machine, image, wait, &reason) != 0) {
        if (wait->signal)
            return rs_wait_interrupted(wait, error);
        rs_wait_note(wait, reason.message); /* it is booted every time then */
    }
    return 0;
}

int rs_image_build(struct rs_host_machine *machine, const struct rs_image *image,
                   struct rs_cache *cache, struct rs_wait *wait, struct rs_error *error)
{
    struct rs_image draft = *image;

    if (rs_cache_begin(cache, draft.entry, error) != 0)
        return -1;
    if (rs_cache_path(cache, draft.directory, draft.entry, NULL, error) == 0 &&
        fill(machine, &draft, cache, wait, error) == 0 &&
        rs_cache_finish(cache, draft.entry, image->entry, error) == 0) {
        rs_cache_prune(cache, RS_IMAGE_PREFIX, UNUSED_DAYS);
        return 0;
    }
    rs_cache_remove(cache, draft.entry);
    return -1;
}
