/* SPDX-License-Identifier: MIT
 * The kernel and the program that a command line names. */
#include "bundle/bundle.h"
#include "nt/services.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_SIZE_MAX (INT64_C(1) << 30)

static int open_file(const char *path, const char *what, struct rs_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return rs_error_errno(
            error, errno == ENOENT || errno == ENOTDIR ? RS_EXIT_NOT_FOUND : RS_EXIT_IMAGE, errno,
            "%s '%s'", what, path);
    return fd;
}

static int read_all(int fd, char *bytes, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t count = read(fd, bytes + used, size - used);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        if (count == 0) /* it became shorter: the loader will see that it is cut */
            break;
        used += (size_t)count;
    }
    return 0;
}

static int read_open_file(int fd, const char *path, const char *what, void **bytes, size_t *size,
                          struct rs_error *error)
{
    struct stat status;
    int errnum;

    if (fstat(fd, &status) != 0)
        return rs_error_errno(error, RS_EXIT_IMAGE, errno, "%s '%s'", what, path);
    if (!S_ISREG(status.st_mode))
        return rs_error_set(error, RS_EXIT_IMAGE, "%s '%s' is not a regular file", what, path);
    if (status.st_size > FILE_SIZE_MAX)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s '%s': %lld bytes; at most 1 GiB is read",
                            what, path, (long long)status.st_size);
    *size = (size_t)status.st_size;
    *bytes = calloc(1, *size + 1);
    if (!*bytes)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s '%s': out of memory", what, path);
    errnum = read_all(fd, *bytes, *size);
    if (errnum != 0) {
        free(*bytes);
        *bytes = NULL;
        return rs_error_errno(error, RS_EXIT_IMAGE, errnum, "%s '%s'", what, path);
    }
    return 0;
}

int rs_read_file(const char *path, const char *what, void **bytes, size_t *size,
                 struct rs_error *error)
{
    int fd = open_file(path, what, error);
    int result;

    if (fd < 0)
        return -1;
    result = read_open_file(fd, path, what, bytes, size, error);
    close(fd);
    return result;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int load_program(struct rs_images *images, const char *name, struct rs_error *error)
{
    const struct rs_blob *bundled = strchr(name, '/') ? NULL : rs_bundle_program(name);

    if (bundled) {
        images->program = *bundled;
        return 0;
    }
    images->program.name = base_name(name);
    if (rs_read_file(name, "program", &images->program_bytes, &images->program.size, error) == 0) {
        images->program.bytes = images->program_bytes;
        return 0;
    }
    if (error->exit_code == RS_EXIT_NOT_FOUND && !strchr(name, '/'))
        rs_error_set(
            error, RS_EXIT_NOT_FOUND,
            "unknown program '%s': neither a bundled one (ringscope run --help lists them) "
            "nor a file",
            name);
    return -1;
}

/* Two files of one name would be one file in the guest. */
static int load_module(struct rs_images *images, const char *path, struct rs_error *error)
{
    unsigned index = images->module_count;
    struct rs_blob *module = &images->modules[index];

    module->name = base_name(path);
    for (unsigned i = 0; i < index; i++)
        if (strcasecmp(images->modules[i].name, module->name) == 0)
            return rs_error_set(error, RS_EXIT_USAGE,
                                "--module '%s': the guest has a file of that name already", path);
    if (strlen(module->name) >= RS_BOOT_NAME_MAX)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "--module '%s': names in the guest have at most %d characters", path,
                            RS_BOOT_NAME_MAX - 1);
    if (rs_read_file(path, "module", &images->module_bytes[index], &module->size, error) != 0)
        return -1;
    module->bytes = images->module_bytes[index];
    images->module_count++;
    return 0;
}

static int load_modules(struct rs_images *images, const struct rs_options *options,
                        struct rs_error *error)
{
    for (unsigned i = 0; i < options->module_count; i++)
        if (load_module(images, options->modules[i], error) != 0)
            return -1;
    return 0;
}

static int load_kernel(struct rs_images *images, const struct rs_options *options,
                       struct rs_error *error)
{
    images->kernel = *rs_bundle_kernel();
    if (options->kernel) {
        if (rs_read_file(options->kernel, "kernel", &images->kernel_bytes, &images->kernel.size,
                         error) != 0)
            return -1;
        images->kernel.name = options->kernel;
        images->kernel.bytes = images->kernel_bytes;
    }
    images->protocol = options->boot >= 0
                           ? (enum rs_protocol)options->boot
                           : rs_direct_detect(images->kernel.bytes, images->kernel.size);
    /* The bundled kernel stays what it is when it is booted by PVH. */
    images->other_services =
        rs_direct_detect(images->kernel.bytes, images->kernel.size) != RS_PROTOCOL_RINGSCOPE;
    rs_services_of_other_kernel(images->other_services);
    return 0;
}

static int load_initrd(struct rs_images *images, const struct rs_options *options,
                       struct rs_error *error)
{
    if (!options->initrd)
        return 0;
    images->initrd.name = options->initrd;
    if (rs_read_file(options->initrd, "initrd", &images->initrd_bytes, &images->initrd.size,
                     error) != 0)
        return -1;
    images->initrd.bytes = images->initrd_bytes;
    return 0;
}

/* Options of the one kind of kernel with a kernel of the other. */
static int check_kind(const struct rs_images *images, const struct rs_options *options,
                      struct rs_error *error)
{
    const struct {
        bool given;
        const char *option;
    } own[] =
        {
            {options->arguments, "a program"},
            {options->module_count > 0, "--module"},
            {options->kva_shadow, "--kva-shadow"},
            {options->pagefile.path[0], "--pagefile"},
        },
      others[] = {{options->append, "--append"}, {options->initrd, "--initrd"}};

    if (images->protocol == RS_PROTOCOL_RINGSCOPE) {
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
            if (others[i].given)
                return rs_error_set(error, RS_EXIT_USAGE,
                                    "%s is for Multiboot, Linux and PVH kernels: %s is none of "
                                    "them, or --boot says so",
                                    others[i].option, images->kernel.name);
        return 0;
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (own[i].given)
            return rs_error_set(error, RS_EXIT_USAGE,
                                "%s is for ringscope's own kernel: %s takes --append and --initrd",
                                own[i].option, images->kernel.name);
    return 0;
}

static void settle(const struct rs_images *images, struct rs_options *options)
{
    static char demo[] = "demo";
    static char *default_arguments[] = {demo, NULL};
    bool own = images->protocol == RS_PROTOCOL_RINGSCOPE;

    if (!options->arguments && !options->kernel && own)
        options->arguments = default_arguments;
    if (options->memory_size == 0)
        options->memory_size = own ? RS_RAM_DEFAULT : RS_RAM_DIRECT_DEFAULT;
    options->cpu.unsaid = !own;
}

int rs_images_load(struct rs_images *images, struct rs_options *options, struct rs_error *error)
{
    *images = (struct rs_images){0};
    if (load_kernel(images, options, error) != 0)
        return -1;
    settle(images, options);
    if (check_kind(images, options, error) != 0 || load_initrd(images, options, error) != 0 ||
        (options->arguments && load_program(images, options->arguments[0], error) != 0) ||
        load_modules(images, options, error) != 0) {
        rs_images_unload(images);
        return -1;
    }
    return 0;
}

void rs_images_unload(struct rs_images *images)
{
    free(images->kernel_bytes);
    free(images->program_bytes);
    free(images->initrd_bytes);
    for (unsigned i = 0; i < images->module_count; i++)
        free(images->module_bytes[i]);
    images->module_count = 0;
    images->kernel_bytes = images->program_bytes = images->initrd_bytes = NULL;
}

struct rs_symbols *rs_images_symbols(const struct rs_images *images)
{
    struct rs_symbols *symbols = rs_symbols_new();

    if (symbols && images->program.bytes)
        (void)rs_symbols_add(symbols, &images->program);
    if (symbols)
        (void)rs_symbols_add(symbols, &images->kernel);
    return symbols;
}
