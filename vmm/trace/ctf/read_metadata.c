/* SPDX-License-Identifier: MIT
 * Reads the metadata of a trace that ringscope wrote: no TSDL in general, only its own. */
#include "environment.h"
#include "internal.h"
#include "nt/services.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define METADATA_SIZE_MAX (1 << 20)
#define WALL_S_MAX UINT64_C(100000000000) /* a year of four digits */
#define CUT "ends too early: ringscope was killed before the first event, or the file was cut"
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

static uint64_t get_hash(const char *text, const char *mark)
{
    const char *at = after(text, mark);

    return at ? strtoull(at, NULL, 16) : 0;
}

/* The wall-clock time is that of TSC 0. */
static bool get_clock(const char *text, struct rs_clock *clock)
{
    clock->tsc_hz = get_number(text, "\n    freq = ");
    if (clock->tsc_hz == 0 || clock->tsc_hz > TSC_HZ_MAX)
        return false;
    clock->wall.tv_sec = (time_t)(get_number(text, "\n    offset_s = ") % WALL_S_MAX);
    clock->wall.tv_nsec =
        (long)rs_clock_ns(clock, get_number(text, "\n    offset = ") % clock->tsc_hz);
    return true;
}

/* The events are laid out as this version does it: it would write the same text. *cut: it would,
 * and go on. */
static bool same_layout(const char *text, bool *cut)
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
    *cut = own && !same && strncmp(layout, own, strlen(layout)) == 0;
    free(own);
    return same;
}

int rs_ctf_read_metadata(struct rs_ctf_reader *reader, struct rs_error *error)
{
    char *text = read_text(reader, error);
    const char *wrong = NULL;
    bool cut = false;

    if (!text)
        return -1;
    if (strncmp(text, RS_CTF_SIGNATURE, strlen(RS_CTF_SIGNATURE)) != 0)
        wrong = "is not that of a ringscope trace";
    else if (!strstr(text, RS_CTF_LAYOUT_MARK))
        wrong = CUT;
    else if (!get_uuid(text, reader->uuid) || !get_clock(text, &reader->clock))
        wrong = "lacks a uuid or a clock";
    else if (!same_layout(text, &cut))
        wrong = cut ? CUT : "was written by another version of ringscope; babeltrace2 can read it";
    reader->kernel_hash = get_hash(text, "\n    kernel_image_id = \"fnv1a64:");
    reader->program_hash = get_hash(text, "\n    program_id = \"fnv1a64:");
    reader->ring_size = get_number(text, "\n    ring_size = ");
    reader->empty_span = get_number(text, "\n    empty_span = ");
    rs_services_of_other_kernel(strstr(text, "\n    services = \"none\";") != NULL);
    reader->emulated = strstr(text, "\n    emulated = \"yes\";") != NULL;
    reader->environment = wrong ? NULL : rs_ctf_environment(text);
    free(text);
    if (!wrong && !reader->environment)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    if (wrong)
        return rs_error_set(error, RS_EXIT_IMAGE, "trace '%s/metadata' %s", reader->path, wrong);
    return 0;
}
