/* SPDX-License-Identifier: MIT
 * What an emulator gives up before it is executed. */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define EXECUTE (READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define WRITE (READ | LANDLOCK_ACCESS_FS_WRITE_FILE)
#define TRUNCATE (UINT64_C(1) << 14) /* ABI 3 */
#define KEEP (WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | TRUNCATE)

/* QEMU: the machine's directory is the current one; its kernel lies in one beside it. Bochs has
 * all its files open, and opens them again; descriptor 3 is a terminal of its own. */
static int close_files(const char *program, bool bochs)
{
    char prefix[PATH_MAX];
    const struct rs_sandbox_path paths[] = {
        {"/usr", EXECUTE},
        {"/bin", EXECUTE},
        {"/lib", EXECUTE},
        {"/lib64", EXECUTE},
        {prefix, EXECUTE},
        {"/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE},
        {"/proc", READ},
        {"/sys", READ},
        {"/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE},
        {"/dev/random", LANDLOCK_ACCESS_FS_READ_FILE},
        {"/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE},
        {bochs ? "/proc/self/fd/3" : "..",
         bochs ? LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE : READ},
        {bochs ? "/usr" : ".", bochs ? EXECUTE : KEEP},
    };

    /* PREFIX/bin/qemu-system-x86_64 has its firmware in PREFIX/share. */
    snprintf(prefix, sizeof(prefix), "%s", program);
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(prefix, '/');

        if (slash)
            *slash = '\0';
    }
    return rs_sandbox_landlock(paths, sizeof(paths) / sizeof(paths[0]), false);
}

/* Root without capabilities could not use the cache of another user, of whom sudo has made it. */
static bool owns_directory(void)
{
    struct stat status;

    return stat(".", &status) == 0 && status.st_uid == geteuid();
}

static int enter(const char *program, bool bochs)
{
    const struct rlimit none = {0, 0};
    bool needs_none = bochs || owns_directory();
    int result;

    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return -errno;
    if (needs_none)
        rs_sandbox_drop_bounding_set();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -errno;
    result = rs_sandbox_landlock_abi() > 0 ? close_files(program, bochs) : 0;
    return result == 0 && needs_none ? rs_sandbox_drop_capabilities() : result;
}

int rs_sandbox_enter_qemu(const char *program)
{
    return enter(program, false);
}

int rs_sandbox_enter_bochs(const char *program)
{
    return enter(program, true);
}
