/* SPDX-License-Identifier: MIT
 * The initramfs of the emulated host. */
#include "initrd.h"

#include "cpio.h"
#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum need {
    ANY,
    KVM,
    QEMU
};

static const struct {
    const char *name;
    enum need need;
} modules[] = {
#define X(name, directory, need) {name, need},
    RS_HOST_MODULES(X)
#undef X
};

/* Only QEMU's machine has virtio devices. */
static bool wanted(size_t i, const struct rs_host_description *kind)
{
    if (modules[i].need == KVM)
        return strcmp(modules[i].name, kind->module) == 0;
    return modules[i].need == ANY || kind->emulator == RS_HOST_EMULATOR_QEMU;
}

static int add_mapped(FILE *file, const char *name, int source)
{
    struct rs_cpio_entry entry = {.name = name, .mode = S_IFREG | 0400};
    struct stat status;
    void *bytes;
    int result;

    if (fstat(source, &status) != 0)
        return -1;
    entry.size = (size_t)status.st_size;
    bytes = mmap(NULL, entry.size, PROT_READ, MAP_PRIVATE, source, 0);
    if (bytes == MAP_FAILED)
        return -1;
    entry.data = bytes;
    result = rs_cpio_add(file, &entry);
    munmap(bytes, entry.size);
    return result;
}

static int add_module(FILE *file, const char *kernel, const char *module)
{
    char path[PATH_MAX], name[NAME_MAX + 1];
    int source, result;

    snprintf(name, sizeof(name), "%s.ko", module);
    if (snprintf(path, sizeof(path), "%s/%s", kernel, name) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    source = open(path, O_RDONLY | O_CLOEXEC);
    if (source < 0)
        return -1;
    result = add_mapped(file, name, source);
    close(source);
    return result;
}

static int add_all(FILE *file, const char *kernel, const struct rs_host_description *kind)
{
    /* The kernel opens /dev/console for the init process, before there is a devtmpfs. */
    const struct rs_cpio_entry entries[] = {
        {.name = "dev", .mode = S_IFDIR | 0755},
        {.name = "dev/console", .mode = S_IFCHR | 0600, .major = 5, .minor = 1},
        {.name = "init",
         .mode = S_IFREG | 0500,
         .data = rs_init_image,
         .size = rs_init_image_size()},
    };

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        if (rs_cpio_add(file, &entries[i]) != 0)
            return -1;
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        if (wanted(i, kind) && add_module(file, kernel, modules[i].name) != 0)
            return -1;
    return rs_cpio_end(file);
}

int rs_initrd_write_to(FILE *file, const char *kernel, const struct rs_host_description *kind,
                       struct rs_error *error)
{
    if (add_all(file, kernel, kind) == 0)
        return 0;
    return rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: initramfs from %s", kernel);
}

int rs_initrd_write(const char *path, const char *kernel, const struct rs_host_description *kind,
                    struct rs_error *error)
{
    FILE *file = fopen(path, "we");
    int result;

    if (!file)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: %s", path);
    result = rs_initrd_write_to(file, kernel, kind, error);
    if (fclose(file) != 0 && result == 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: %s", path);
    return result;
}
