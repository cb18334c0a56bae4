/* SPDX-License-Identifier: MIT
 * Limits of the process: memory, files, core dumps. */
#include "internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors that ringscope opens while a guest runs: none but those of a trace in rotation. */
#define DESCRIPTORS 64

/* Never above what the user has set. */
static int lower(__rlimit_resource_t resource, uint64_t value, const char *name,
                 struct rs_error *error)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "sandbox: %s", name);
    if (value > limit.rlim_max)
        value = limit.rlim_max;
    if (limit.rlim_cur > value)
        limit.rlim_cur = value;
    limit.rlim_max = value;
    if (setrlimit(resource, &limit) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "sandbox: %s of %" PRIu64, name, value);
    return 0;
}

/* proc(5), /proc/[pid]/statm: pages of address space. */
static uint64_t address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    uint64_t pages = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%" SCNu64, &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int limit_memory(uint64_t more, struct rs_error *error)
{
    uint64_t used = address_space();

    if (more == 0 || used == 0 || RS_SANDBOX_SANITIZED)
        return 0;
    return lower(RLIMIT_AS, used + more, "address space", error);
}

/* A core dump would put the guest's memory on the disk. */
int rs_sandbox_set_limits(const struct rs_sandbox *sandbox, struct rs_error *error)
{
    if (lower(RLIMIT_CORE, 0, "core size", error) != 0 ||
        lower(RLIMIT_NOFILE, sandbox->files ? sandbox->files : DESCRIPTORS, "open files", error) !=
            0 ||
        limit_memory(sandbox->memory, error) != 0)
        return -1;
    return sandbox->file_size ? lower(RLIMIT_FSIZE, sandbox->file_size, "file size", error) : 0;
}
