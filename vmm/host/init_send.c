/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: frames to the outside. */
#include "init.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* Waits for as long as the outer side takes: that is how a slow reader slows the command down. */
static void send_all(struct rs_inner *inner, const uint8_t *bytes, size_t size)
{
    struct pollfd slot = {.fd = inner->out, .events = POLLOUT};

    if (inner->out < 0) {
        rs_inner_print(bytes, size);
        return;
    }
    while (size > 0) {
        ssize_t sent = write(inner->out, bytes, size);

        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            poll(&slot, 1, -1);
        } else if (errno != EINTR) {
            fprintf(stderr, "init: port: %s\n", strerror(errno));
            reboot(RB_AUTOBOOT);
        }
    }
}

void rs_inner_send(struct rs_inner *inner, enum rs_frame_type type, uint8_t stream,
                   const void *payload, size_t size)
{
    struct rs_frame_header header = {
        .size = (uint32_t)size, .type = (uint8_t)type, .stream = stream};
    uint8_t bytes[RS_FRAME_MAX];

    memcpy(bytes, &header, sizeof(header));
    if (size > 0)
        memcpy(bytes + sizeof(header), payload, size);
    send_all(inner, bytes, sizeof(header) + size);
}

void rs_inner_fail(struct rs_inner *inner, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    rs_inner_send(inner, RS_FRAME_FAILURE, 0, text, strlen(text));
}
