/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: where frames come from and go to. */
#include "init.h"
#include "modules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <termios.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"
#define PORT_WAIT_MS 10000

/* IEEE 1284's compatibility mode: data, then STROBE; with SELECT IN and no INIT. */
#define CONTROL_IDLE 0x0c
#define CONTROL_STROBE 0x0d

static bool port_has_name(const char *port)
{
    char path[320], name[32] = "";
    FILE *file;

    snprintf(path, sizeof(path), PORTS "/%s/name", port);
    file = fopen(path, "re");
    if (!file)
        return false;
    if (fgets(name, sizeof(name), file))
        name[strcspn(name, "\n")] = '\0';
    fclose(file);
    return strcmp(name, RS_HOST_PORT) == 0;
}

static int try_port(void)
{
    DIR *ports = opendir(PORTS);
    struct dirent *entry;
    char path[320];
    int port = -1;

    while (ports && port < 0 && (entry = readdir(ports))) {
        if (entry->d_name[0] == '.' || !port_has_name(entry->d_name))
            continue;
        snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
        port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    if (ports)
        closedir(ports);
    return port;
}

static int open_virtio(struct rs_inner *inner)
{
    /* QEMU tells the name in a message of its own, after the device is there. */
    for (int i = 0; i < PORT_WAIT_MS; i++) {
        inner->in = inner->out = try_port();
        if (inner->in >= 0)
            return 0;
        usleep(1000);
    }
    fprintf(stderr, "init: no virtio port of the name " RS_HOST_PORT "\n");
    return -1;
}

static int open_serial(void)
{
    int line = open(RS_HOST_INBOX_MORE, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios mode;

    if (line < 0 || tcgetattr(line, &mode) != 0)
        return -1;
    cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    cfsetspeed(&mode, B115200);
    return tcsetattr(line, TCSANOW, &mode) == 0 ? line : -1;
}

/* The line is opened at once: what is sent meanwhile is not lost. */
static int open_inbox(struct rs_inner *inner, int inbox)
{
    unlink("/" RS_HOST_INBOX);
    inner->in = inbox;
    inner->out = -1;
    inner->more = open_serial();
    if (inner->more >= 0 && ioperm(RS_HOST_PRINTER, 3, 1) == 0)
        return 0;
    fprintf(stderr, "init: " RS_HOST_INBOX_MORE " and the printer port: %s\n", strerror(errno));
    return -1;
}

int rs_inner_open(struct rs_inner *inner)
{
    int inbox = open("/" RS_HOST_INBOX, O_RDONLY | O_CLOEXEC);

    return inbox < 0 ? open_virtio(inner) : open_inbox(inner, inbox);
}

/* At the end of the inbox the line is next; a virtio port that nobody has opened yet ends, too. */
void rs_inner_at_end(struct rs_inner *inner)
{
    if (inner->more >= 0) {
        close(inner->in);
        inner->in = inner->more;
        inner->more = -1;
        return;
    }
    usleep(1000);
}

void rs_inner_print(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        outb(bytes[i], RS_HOST_PRINTER);
        outb(CONTROL_STROBE, RS_HOST_PRINTER + 2);
        outb(CONTROL_IDLE, RS_HOST_PRINTER + 2);
    }
}
