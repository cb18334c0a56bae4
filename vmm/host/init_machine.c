/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: file systems, kernel modules, the clock. */
#include "init.h"
#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char *const modules[] = {
#define X(name, directory, need) "/" name ".ko",
    RS_HOST_MODULES(X)
#undef X
};

static int mount_one(const char *type, const char *path)
{
    mkdir(path, 0755);
    if (mount(type, path, type, 0, NULL) == 0)
        return 0;
    fprintf(stderr, "init: mounting %s: %s\n", path, strerror(errno));
    return -1;
}

static int load(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int result = file < 0 ? -1 : (int)syscall(SYS_finit_module, file, "", 0);

    if (result != 0)
        fprintf(stderr, "init: module %s: %s\n", path, strerror(errno));
    if (file >= 0)
        close(file);
    unlink(path); /* the memory is better used otherwise */
    return result;
}

int rs_inner_prepare(void)
{
    if (mount_one("proc", "/proc") != 0 || mount_one("sysfs", "/sys") != 0 ||
        mount_one("devtmpfs", "/dev") != 0)
        return -1;
    mkdir("/tmp", 01777);
    mkdir("/dev/shm", 01777);
    if (symlink("/proc/self/fd", "/dev/fd") != 0 || symlink("fd/0", "/dev/stdin") != 0 ||
        symlink("fd/1", "/dev/stdout") != 0 || symlink("fd/2", "/dev/stderr") != 0)
        fprintf(stderr, "init: /dev/fd: %s\n", strerror(errno));
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        if (access(modules[i], R_OK) == 0 && load(modules[i]) != 0)
            return -1;
    if (access("/dev/kvm", R_OK | W_OK) == 0)
        return 0;
    fprintf(stderr, "init: /dev/kvm: %s\n", strerror(errno));
    return -1;
}

void rs_inner_greet(const struct rs_hello *hello)
{
    struct timespec now = {.tv_sec = hello->realtime_s};
    int urandom = open("/dev/urandom", O_WRONLY | O_CLOEXEC);

    clock_settime(CLOCK_REALTIME, &now);
    if (urandom < 0)
        return;
    if (write(urandom, hello->entropy, sizeof(hello->entropy)) > 0)
        ioctl(urandom, RNDRESEEDCRNG);
    close(urandom);
}
