/* SPDX-License-Identifier: MIT
 * Running a program to its end: what it prints, and why it failed. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMPLAINT_MAX 200

struct output {
    int ends[2]; /* of a pipe, read end first; -1: closed */
    char *bytes;
    size_t size, used;
};

static int open_output(struct output *output, char *bytes, size_t size)
{
    *output = (struct output){.bytes = bytes, .size = size};
    return pipe2(output->ends, O_CLOEXEC);
}

static void close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

/* Keeps the beginning of stdout, and of stderr the end. */
static void collect(struct output *output, bool keep_end)
{
    char bytes[512];
    ssize_t size = read(output->ends[0], bytes, sizeof(bytes));

    if (size <= 0) {
        close_end(&output->ends[0]);
        return;
    }
    for (ssize_t i = 0; i < size && output->size > 1; i++) {
        if (output->used == output->size - 1) {
            if (!keep_end)
                return;
            memmove(output->bytes, output->bytes + 1, --output->used);
        }
        output->bytes[output->used++] = bytes[i];
    }
}

static int collect_all(struct rs_wait *wait, struct output *out, struct output *err)
{
    while (out->ends[0] >= 0 || err->ends[0] >= 0) {
        struct pollfd slots[2] = {{.fd = out->ends[0], .events = POLLIN},
                                  {.fd = err->ends[0], .events = POLLIN}};

        if (rs_wait_poll(wait, slots, 2, -1) < 0)
            return -1;
        if (slots[0].revents)
            collect(out, false);
        if (slots[1].revents)
            collect(err, true);
    }
    return 0;
}

static const char *last_line(char *text, size_t size)
{
    const char *line;

    while (size > 0 && text[size - 1] == '\n')
        size--;
    text[size] = '\0';
    line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static int finish(struct rs_wait *wait, pid_t child, const char *name, struct output *out,
                  struct output *err, struct rs_error *error)
{
    int status;

    if (collect_all(wait, out, err) != 0) {
        rs_spawn_kill(child);
        return rs_wait_interrupted(wait, error);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return rs_error_errno(error, RS_EXIT_HOST, errno, "waiting for %s", name);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "%s failed: %s", name,
                        err->used ? last_line(err->bytes, err->used) : "without a message");
}

int rs_spawn_run(struct rs_wait *wait, const char *const *argv, const char *directory, char *out,
                 size_t out_size, struct rs_error *error)
{
    char complaint[COMPLAINT_MAX];
    struct output outputs[2];
    pid_t child;
    int result;

    if (open_output(&outputs[0], out, out_size) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "starting %s: pipe", argv[0]);
    if (open_output(&outputs[1], complaint, sizeof(complaint)) != 0) {
        result = rs_error_errno(error, RS_EXIT_HOST, errno, "starting %s: pipe", argv[0]);
    } else {
        struct rs_spawn spawn = {.argv = argv,
                                 .directory = directory,
                                 .out = outputs[0].ends[1],
                                 .err = outputs[1].ends[1]};

        result = rs_spawn(&spawn, &child, error);
        close_end(&outputs[0].ends[1]);
        close_end(&outputs[1].ends[1]);
        if (result == 0)
            result = finish(wait, child, argv[0], &outputs[0], &outputs[1], error);
        close_end(&outputs[1].ends[0]);
    }
    close_end(&outputs[0].ends[0]);
    close_end(&outputs[0].ends[1]);
    if (out_size > 0)
        out[outputs[0].used] = '\0';
    return result;
}
