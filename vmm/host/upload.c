/* SPDX-License-Identifier: MIT
 * Putting the command into the machine. */
#include "upload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INNER_BINARY "/bin/ringscope"

static int send_open(struct rs_channel *channel, uint32_t mode, const char *path,
                     struct rs_error *error)
{
    char payload[sizeof(mode) + PATH_MAX];
    size_t length = strlen(path);

    if (path[0] != '/' || length >= PATH_MAX)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: path '%.80s' is not absolute",
                            path);
    memcpy(payload, &mode, sizeof(mode));
    snprintf(payload + sizeof(mode), PATH_MAX, "%s", path);
    return rs_channel_send(channel, RS_FRAME_FILE_OPEN, 0, payload, sizeof(mode) + length, error);
}

static int send_content(struct rs_channel *channel, int file, const char *host_path,
                        struct rs_error *error)
{
    uint8_t bytes[RS_FRAME_PAYLOAD_MAX];
    ssize_t size;

    while ((size = read(file, bytes, sizeof(bytes))) > 0)
        if (rs_channel_send(channel, RS_FRAME_FILE_DATA, 0, bytes, (size_t)size, error) != 0)
            return -1;
    if (size < 0)
        return rs_error_errno(error, RS_EXIT_IMAGE, errno, "%s", host_path);
    return rs_channel_send(channel, RS_FRAME_FILE_CLOSE, 0, NULL, 0, error);
}

int rs_upload_file(struct rs_channel *channel, const char *host_path, const char *inner_path,
                   struct rs_error *error)
{
    int file = open(host_path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    int result = -1;

    if (file < 0 || fstat(file, &status) != 0)
        rs_error_errno(error, errno == ENOENT ? RS_EXIT_NOT_FOUND : RS_EXIT_IMAGE, errno, "%s",
                       host_path);
    else if (send_open(channel, status.st_mode & 0777, inner_path, error) == 0)
        result = send_content(channel, file, host_path, error);
    if (file >= 0)
        close(file);
    return result;
}

/* The path that the dynamic loader can be given, too: /proc/self/exe would be itself there. An
 * executable that has been replaced meanwhile has no other name than this one. */
static int own_binary(char path[PATH_MAX], struct rs_error *error)
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);

    if (length < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "/proc/self/exe");
    path[length] = '\0';
    if (access(path, R_OK) != 0)
        snprintf(path, PATH_MAX, "/proc/%d/exe", (int)getpid());
    return 0;
}

static int upload_binary(struct rs_channel *channel, const char *binary, struct rs_error *error)
{
    char own[PATH_MAX];

    if (!binary) {
        if (own_binary(own, error) != 0)
            return -1;
        binary = own;
    }
    if (rs_upload_libraries(channel, binary, error) != 0)
        return -1;
    return rs_upload_file(channel, binary, INNER_BINARY, error);
}

static int send_text(struct rs_channel *channel, enum rs_frame_type type, uint8_t stream,
                     const char *text, struct rs_error *error)
{
    return rs_channel_send(channel, type, stream, text, strlen(text), error);
}

/* LD_* would make the loader inside look for what is only outside. */
static int send_words(struct rs_channel *channel, const struct rs_emulated_command *command,
                      struct rs_error *error)
{
    for (const char *const *word = command->argv; *word; word++)
        if (send_text(channel, RS_FRAME_ARGUMENT, 0, *word, error) != 0)
            return -1;
    for (char **variable = environ; variable && *variable; variable++) {
        if (strncmp(*variable, "LD_", 3) == 0 || strlen(*variable) > RS_FRAME_PAYLOAD_MAX)
            continue;
        if (send_text(channel, RS_FRAME_VARIABLE, 0, *variable, error) != 0)
            return -1;
    }
    return 0;
}

int rs_upload(struct rs_channel *channel, const struct rs_emulated_command *command,
              struct rs_error *error)
{
    if (upload_binary(channel, command->binary, error) != 0)
        return -1;
    for (size_t i = 0; i < command->input_count; i++)
        if (rs_upload_file(channel, command->inputs[i].host_path, command->inputs[i].inner_path,
                           error) != 0)
            return -1;
    for (size_t i = 0; i < command->output_count; i++)
        if (send_text(channel, RS_FRAME_OUTPUT, (uint8_t)(RS_STREAM_OUTPUT + i),
                      command->outputs[i].inner_path, error) != 0)
            return -1;
    if (send_words(channel, command, error) != 0)
        return -1;
    return send_text(channel, RS_FRAME_START, 0, INNER_BINARY, error);
}
