/* SPDX-License-Identifier: MIT
 * One emulator process: messages and end. */
#include "emulator.h"

#include "process.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void rs_emulator_stop(struct rs_emulator *emulator)
{
    if (emulator->pid > 0)
        rs_spawn_kill(emulator->pid);
    emulator->pid = -1;
    close_one(&emulator->channel);
    close_one(&emulator->input);
    close_one(&emulator->monitor);
    close_one(&emulator->messages);
}

/* The machine's console is not trusted with the terminal: control characters are dropped. */
static bool is_text(char byte)
{
    return byte == '\n' || isprint((unsigned char)byte);
}

static void keep(struct rs_emulator *emulator, char byte)
{
    if (emulator->tail_size == sizeof(emulator->tail) - 1)
        memmove(emulator->tail, emulator->tail + 1, --emulator->tail_size);
    emulator->tail[emulator->tail_size++] = byte;
}

int rs_emulator_messages(struct rs_emulator *emulator, bool show)
{
    char bytes[4096];
    ssize_t size = read(emulator->messages, bytes, sizeof(bytes));

    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    for (ssize_t i = 0; i < size; i++) {
        if (!is_text(bytes[i]))
            continue;
        keep(emulator, bytes[i]);
        if (show)
            fputc(bytes[i], stderr);
    }
    return size > 0 ? 1 : -1;
}

/* The last line, but for what is blank or a rule: Bochs puts its last words between two. */
static char *last_line(struct rs_emulator *emulator)
{
    char *line;

    do {
        while (emulator->tail_size > 0 && emulator->tail[emulator->tail_size - 1] == '\n')
            emulator->tail_size--;
        emulator->tail[emulator->tail_size] = '\0';
        line = strrchr(emulator->tail, '\n');
        line = line ? line + 1 : emulator->tail;
        if (line[strspn(line, "= ")] != '\0')
            break;
        emulator->tail_size = (size_t)(line - emulator->tail);
        *line = '\0';
    } while (emulator->tail_size > 0);
    return line;
}

const char *rs_emulator_last_message(struct rs_emulator *emulator)
{

    /* A bound, since a living machine may print without end. */
    for (int i = 0; i < 64 && rs_emulator_messages(emulator, false) > 0; i++)
        ;
    return last_line(emulator);
}

int rs_emulator_find(const char *program, char path[PATH_MAX])
{
    const char *list = getenv("PATH");

    while (list && *list) {
        size_t length = strcspn(list, ":");

        if (snprintf(path, PATH_MAX, "%.*s/%s", (int)length, list, program) < PATH_MAX &&
            length > 0 && access(path, X_OK) == 0)
            return 0;
        list += length + (list[length] == ':');
    }
    return -1;
}
