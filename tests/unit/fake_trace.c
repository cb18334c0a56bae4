/* SPDX-License-Identifier: MIT
 * A directory for a trace, and a writer into it. */
#include "fake_trace.h"

#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

char fake_trace_path[80], fake_trace_old[96];
static char root[64];

static void remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    if (!directory)
        return;
    while ((entry = readdir(directory)))
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(path);
}

void fake_trace_setup(void)
{
    snprintf(root, sizeof(root), "/tmp/ringscope-ctf-%s%s",
             "XX"
             "X",
             "XX"
             "X");
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(fake_trace_path, sizeof(fake_trace_path), "%s/trace", root);
    snprintf(fake_trace_old, sizeof(fake_trace_old), "%s.old", fake_trace_path);
}

void fake_trace_teardown(void)
{
    remove_directory(fake_trace_path);
    remove_directory(fake_trace_old);
    rmdir(root);
}

void fake_trace_open(struct rs_ctf_writer *writer, unsigned cpus)
{
    fake_trace_open_ring(writer, cpus, 0);
}

void fake_trace_open_ring(struct rs_ctf_writer *writer, unsigned cpus, uint64_t size)
{
    struct rs_clock clock = {
        .tsc_hz = FAKE_TRACE_TSC_HZ, .tsc = FAKE_TRACE_TSC, .wall = {.tv_sec = 1700000000}};
    struct rs_ctf_environment environment = {.kernel = "kernel",
                                             .program = "a \"b\" \\ \n",
                                             .command_line = "ringscope record",
                                             .emulated = true,
                                             .ring_size = size};
    struct rs_error error;

    ck_assert_int_eq(rs_ctf_open(writer, fake_trace_path, cpus, &clock, &environment, &error), 0);
}

int fake_trace_file(const char *name, int flags)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", fake_trace_path, name);
    fd = open(path, flags, 0666);
    ck_assert_int_ge(fd, 0);
    return fd;
}
