/* SPDX-License-Identifier: MIT
 * The kernel of the emulated host: which package, and what is taken out of it. */
#include "kernel.h"

#include "modules.h"
#include "process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "kernel-"
#define PACKAGE "linux-image-cloud-amd64" /* has no content, and depends on the current kernel */
#define DEB_PREFIX "linux-image-"
#define DEB_SUFFIX ".deb"
#define UNPACKED "unpacked"

static const struct {
    const char *file, *directory;
} modules[] = {
#define X(name, directory, need) {name ".ko", directory},
    RS_HOST_MODULES(X)
#undef X
};

static bool has_file(const struct rs_cache *cache, const char *entry, const char *file)
{
    struct rs_error error;
    char path[PATH_MAX];

    return rs_cache_path(cache, path, entry, file, &error) == 0 && access(path, R_OK) == 0;
}

/* An entry that another ringscope made may lack a module that this one wants. */
int rs_kernel_find(const struct rs_cache *cache, char entry[NAME_MAX + 1])
{
    if (rs_latest_name(cache->path, PREFIX, "", entry) != 0 ||
        !has_file(cache, entry, RS_KERNEL_IMAGE))
        return -1;
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        if (!has_file(cache, entry, modules[i].file))
            return -1;
    return 0;
}

/* `apt-cache depends` prints "  Depends: linux-image-6.1.0-56-cloud-amd64". */
static int find_package(struct rs_wait *wait, char name[128], struct rs_error *error)
{
    const char *const argv[] = {"apt-cache", "depends", PACKAGE, NULL};
    char text[4096], *found;

    if (rs_spawn_run(wait, argv, NULL, text, sizeof(text), error) != 0)
        return -1;
    found = strstr(text, "Depends: " DEB_PREFIX);
    if (found && sscanf(found, "Depends: %127[a-z0-9.+-]", name) == 1)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "apt knows no package " PACKAGE);
}

static int download(struct rs_wait *wait, const char *directory, struct rs_error *error)
{
    char package[128];
    /* Root's apt would become a user who cannot write to the cache, and warn that it does not. */
    const char *const as_root[] = {"apt-get",  "-qq",   "-o", "APT::Sandbox::User=root",
                                   "download", package, NULL};
    const char *const as_user[] = {"apt-get", "-qq", "download", package, NULL};

    if (find_package(wait, package, error) != 0)
        return -1;
    return rs_spawn_run(wait, geteuid() == 0 ? as_root : as_user, directory, NULL, 0, error);
}

/* Puts the path of the package file into `deb` and its name, without ".deb", into `name`. */
static int get_package(struct rs_cache *cache, struct rs_wait *wait, const char *directory,
                       char deb[PATH_MAX], char name[NAME_MAX + 1], struct rs_error *error)
{
    const char *where = cache->path;
    struct rs_error reason;
    int length;

    if (rs_latest_name(where, DEB_PREFIX, DEB_SUFFIX, name) != 0) {
        where = directory;
        rs_wait_stage(wait, "downloading a Debian kernel (once)");
        if (download(wait, directory, &reason) != 0 && !wait->signal)
            return rs_error_set(error, RS_EXIT_HOST,
                                "no kernel for the emulated host: %.160s: run 'apt-get update', or "
                                "put Debian's linux-image-*-cloud-amd64_*.deb into %.160s",
                                reason.message, cache->path);
        if (wait->signal)
            return rs_wait_interrupted(wait, error);
        if (rs_latest_name(where, DEB_PREFIX, DEB_SUFFIX, name) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "apt-get download left no .deb in %s", where);
    }
    length = snprintf(deb, PATH_MAX, "%s/%s", where, name);
    name[strlen(name) - strlen(DEB_SUFFIX)] = '\0';
    if (length < PATH_MAX)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "cache: path of %d bytes", length);
}

static int take(const char *directory, const char *from, const char *file, struct rs_error *error)
{
    char old[PATH_MAX], new[PATH_MAX];

    if (snprintf(old, PATH_MAX, "%s/" UNPACKED "/%s", directory, from) >= PATH_MAX ||
        snprintf(new, PATH_MAX, "%s/%s", directory, file) >= PATH_MAX)
        return rs_error_set(error, RS_EXIT_HOST, "cache: path too long: %.200s", directory);
    if (rename(old, new) == 0)
        return 0;
    return rs_error_errno(error, RS_EXIT_HOST, errno, "kernel package: %s", from);
}

/* Modules live below lib/modules/VERSION, and the image has the same version in its name. */
static int take_files(const char *directory, struct rs_error *error)
{
    char boot[PATH_MAX], image[NAME_MAX + 1], from[PATH_MAX];

    if (snprintf(boot, PATH_MAX, "%s/" UNPACKED "/boot", directory) >= PATH_MAX)
        return rs_error_set(error, RS_EXIT_HOST, "cache: path too long: %.200s", directory);
    if (rs_latest_name(boot, RS_KERNEL_IMAGE "-", "", image) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "kernel package: no boot/" RS_KERNEL_IMAGE "-*");
    snprintf(from, PATH_MAX, "boot/%s", image);
    if (take(directory, from, RS_KERNEL_IMAGE, error) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        snprintf(from, PATH_MAX, "lib/modules/%s/kernel/%s/%s", image + strlen(RS_KERNEL_IMAGE "-"),
                 modules[i].directory, modules[i].file);
        if (take(directory, from, modules[i].file, error) != 0)
            return -1;
    }
    return 0;
}

static int fill(struct rs_cache *cache, struct rs_wait *wait, const char *unfinished,
                char name[NAME_MAX + 1], struct rs_error *error)
{
    char directory[PATH_MAX], deb[PATH_MAX], rest[NAME_MAX + 1];
    const char *const unpack[] = {"dpkg-deb", "-x", deb, UNPACKED, NULL};

    if (rs_cache_path(cache, directory, unfinished, NULL, error) != 0 ||
        get_package(cache, wait, directory, deb, name, error) != 0)
        return -1;
    rs_wait_stage(wait, "unpacking the kernel (once)");
    if (rs_spawn_run(wait, unpack, directory, NULL, 0, error) != 0 ||
        take_files(directory, error) != 0)
        return -1;
    if (snprintf(rest, sizeof(rest), "%s/" UNPACKED, unfinished) < (int)sizeof(rest))
        rs_cache_remove(cache, rest);
    if (strncmp(deb, directory, strlen(directory)) == 0)
        unlink(deb);
    return 0;
}

int rs_kernel_fetch(struct rs_cache *cache, struct rs_wait *wait, char entry[NAME_MAX + 1],
                    struct rs_error *error)
{
    char unfinished[NAME_MAX + 1], name[NAME_MAX + 1];

    if (rs_cache_begin(cache, unfinished, error) != 0)
        return -1;
    if (fill(cache, wait, unfinished, name, error) == 0 &&
        snprintf(entry, NAME_MAX + 1, PREFIX "%s", name) <= NAME_MAX &&
        rs_cache_finish(cache, unfinished, entry, error) == 0)
        return 0;
    rs_cache_remove(cache, unfinished);
    return -1;
}
