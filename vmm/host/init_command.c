/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: starting the command. */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void rs_inner_word(struct rs_inner *inner, struct rs_words *words, const struct rs_frame *frame)
{
    char **list = realloc(words->list, (words->count + 2) * sizeof(*list));
    char *word = rs_inner_string(frame->payload, frame->size);

    if (list) {
        words->list = list;
        list[words->count] = NULL;
    }
    if (!list || !word) {
        rs_inner_fail(inner, "argument of %u bytes: no memory, or a NUL in it", frame->size);
        free(word);
        return;
    }
    list[words->count++] = word;
    list[words->count] = NULL;
}

/* A FIFO that this process holds open in both directions: it never ends, however often the command
 * opens and closes it, and is drained when the command has ended. */
void rs_inner_output(struct rs_inner *inner, const struct rs_frame *frame)
{
    char *path = rs_inner_string(frame->payload, frame->size);
    int *stream = &inner->streams[frame->stream];

    errno = EPROTO;
    if (path && frame->stream >= RS_STREAM_OUTPUT && *stream < 0) {
        rs_inner_make_directories(path);
        if (mkfifo(path, 0600) == 0)
            *stream = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    if (!path || *stream < 0)
        rs_inner_fail(inner, "output %s: %s", path ? path : "without a path", strerror(errno));
    free(path);
}

/* Our end of each pipe does not block and is not inherited; theirs is plain. */
static int make_pipes(struct rs_inner *inner, int theirs[3])
{
    for (int i = RS_STREAM_STDIN; i <= RS_STREAM_STDERR; i++) {
        int ends[2], ours;

        if (pipe2(ends, O_CLOEXEC) != 0)
            return -1;
        ours = i == RS_STREAM_STDIN ? ends[1] : ends[0];
        theirs[i] = i == RS_STREAM_STDIN ? ends[0] : ends[1];
        fcntl(ours, F_SETFL, O_NONBLOCK);
        inner->streams[i] = ours;
    }
    return 0;
}

static int spawn(struct rs_inner *inner, const char *path, const int theirs[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, ignored;
    int result;

    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE); /* by this process */
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    result = posix_spawn(&inner->child, path, &actions, &attributes, inner->arguments.list,
                         inner->environment.list);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

void rs_inner_start(struct rs_inner *inner, const struct rs_frame *frame)
{
    char *path = rs_inner_string(frame->payload, frame->size);
    int theirs[3] = {-1, -1, -1};
    int result = EPROTO;

    if (path && !inner->child && inner->arguments.count > 0)
        result = make_pipes(inner, theirs) == 0 ? spawn(inner, path, theirs) : errno;
    for (int i = 0; i < 3; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    if (result != 0) {
        inner->child = 0;
        rs_inner_fail(inner, "%s cannot be started: %s", path ? path : "command without a path",
                      strerror(result));
    }
    free(path);
}

void rs_inner_signal(struct rs_inner *inner, const struct rs_frame *frame)
{
    uint32_t number;

    if (inner->child && rs_frame_get(frame, &number, sizeof(number)) && number < NSIG)
        kill(-inner->child, (int)number);
}
