/* SPDX-License-Identifier: MIT
 * Reads the metadata of a trace that ringscope wrote: no TSDL in general, only its own. */
#include "internal.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define METADATA_SIZE_MAX (1 << 20)
#define TSC_HZ_MAX UINT64_C(1000000000000)

static char *read_text(struct rs_ctf_reader *reader, struct rs_error *error)
{
    int fd = openat(reader->directory, "metadata", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    char *text = calloc(1, METADATA_SIZE_MAX);

    if (!file || !text) {
        rs_error_errno(error, fd < 0 && errno == ENOENT ? RS_EXIT_NOT_FOUND : RS_EXIT_IMAGE, errno,
                       "trace '%s/metadata'", reader->path);
        free(text);
        text = NULL;
    } else if (fread(text, 1, METADATA_SIZE_MAX - 1, file) == 0) {
        rs_error_set(error, RS_EXIT_IMAGE, "trace '%s/metadata' is empty", reader->path);
        free(text);
        text = NULL;
    }
    if (file)
        fclose(file);
    else if (fd >= 0)
        close(fd);
    return text;
}

static const char *after(const char *text, const char *mark)
{
    const char *at = strstr(text, mark);

    return at ? at + strlen(mark) : NULL;
}

static bool get_uuid(const char *text, uint8_t uuid[RS_CTF_UUID_SIZE])
{
    const char *at = after(text, "uuid = \"");

    for (unsigned i = 0; at && i < RS_CTF_UUID_SIZE; i++) {
        char digits[3] = {0};
        char *end;

        if (*at == '-')
            at++;
        strncpy(digits, at, 2);
        uuid[i] = (uint8_t)strtoul(digits, &end, 16);
        if (end != digits + 2)
            return false;
        at += 2;
    }
    return at != NULL;
}

static uint64_t get_number(const char *text, const char *mark)
{
    const char *at = after(text, mark);

    return at ? strtoull(at, NULL, 10) : 0;
}

static bool get_clock(const char *text, struct rs_clock *clock)
{
    clock->tsc_hz = get_number(text, "\n    freq = ");
    return clock->tsc_hz > 0 && clock->tsc_hz <= TSC_HZ_MAX;
}

/* The events are laid out as this version does it: it would write the same text. */
static bool same_layout(const char *text)
{
    const char *layout = strstr(text, RS_CTF_LAYOUT_MARK);
    char *own = NULL;
    size_t size;
    FILE *file = layout ? open_memstream(&own, &size) : NULL;
    bool same;

    if (!file)
        return false;
    rs_ctf_metadata_layout(file);
    same = fclose(file) == 0 && strcmp(layout, own) == 0;
    free(own);
    return same;
}

int rs_ctf_read_metadata(struct rs_ctf_reader *reader, struct rs_error *error)
{
    char *text = read_text(reader, error);
    const char *wrong = NULL;

    if (!text)
        return -1;
    if (strncmp(text, RS_CTF_SIGNATURE, strlen(RS_CTF_SIGNATURE)) != 0)
        wrong = "is not that of a ringscope trace";
    else if (!get_uuid(text, reader->uuid) || !get_clock(text, &reader->clock))
        wrong = "lacks a uuid or a clock";
    else if (!same_layout(text))
        wrong = "was written by another version of ringscope; babeltrace2 can read it";
    reader->empty_span = get_number(text, "\n    empty_span = ");
    reader->emulated = strstr(text, "\n    emulated = \"yes\";") != NULL;
    free(text);
    if (wrong)
        return rs_error_set(error, RS_EXIT_IMAGE, "trace '%s/metadata' %s", reader->path, wrong);
    return 0;
}
