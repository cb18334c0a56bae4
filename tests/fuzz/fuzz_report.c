/* SPDX-License-Identifier: MIT
 * Reports of `ringscope test` as files from anywhere: what --merge reads, in every format again. */
#include "fuzz.h"
#include "machine/boot.h"
#include "suite/report.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* suite.c asks it of images, which are no part of a report; what it takes is the whole core. */
bool rs_boot_same_image(const struct rs_blob *first, const struct rs_blob *second)
{
    return first == second;
}

static FILE *nowhere;
static char *sound; /* a report as it should be */
static size_t sound_size;
static int file;

static void add(struct rs_report *report, const char *name, enum rs_outcome outcome)
{
    struct rs_result result = {.outcome = outcome, .seconds = 0.25, .attempts = 1, .passed = 3};

    snprintf(result.detail, sizeof(result.detail), "what happened");
    result.console = strdup("a line\n");
    result.console_size = 7;
    for (unsigned i = 0; i < RS_TEXT_COUNT; i++)
        rs_result_set_text(&result, (enum rs_result_text_kind)i, strdup("ok 1 - line\n"), 12);
    FUZZ_CHECK(rs_report_add(report, name, "kvm", "program", "directory", &result) == 0);
}

static void make_sound(void)
{
    struct rs_report report = {.seconds = 1};
    FILE *out = open_memstream(&sound, &sound_size);

    add(&report, "one", (enum rs_outcome)0);
    add(&report, "two", (enum rs_outcome)1);
    FUZZ_CHECK(out && rs_report_write_json(&report, out) == 0 && fclose(out) == 0);
    rs_report_free(&report);
}

/* Twice into one report: the second time its tests are there already. */
static void read_report(const char *bytes, size_t size)
{
    static const enum rs_report_format formats[] = {RS_REPORT_TAP, RS_REPORT_JUNIT, RS_REPORT_JSON};
    struct rs_report report = {0};
    struct rs_error error = {0};
    char path[32];

    FUZZ_CHECK(ftruncate(file, 0) == 0 && pwrite(file, bytes, size, 0) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    for (unsigned i = 0; i < 2; i++) {
        if (rs_report_read(&report, path, &error) == 0)
            continue;
        FUZZ_CHECK(error.message[0] && !strchr(error.message, '\n'));
        FUZZ_CHECK(error.exit_code == RS_EXIT_IMAGE || error.exit_code == RS_EXIT_USAGE);
    }
    for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        FUZZ_CHECK(rs_report_write(&report, formats[i], nowhere) == 0);
    rs_report_free(&report);
}

/* The sound one, with bytes put over it, and cut or not. */
static void read_spoilt(struct fuzz_input *input)
{
    size_t size = sound_size - (fuzz_take(input, 1) & 1 ? fuzz_below(input, 4096) % sound_size : 0);
    char *copy = malloc(size + 1);

    FUZZ_CHECK(copy != NULL);
    memcpy(copy, sound, size);
    while (input->next < input->end && size > 0) {
        size_t at = fuzz_take(input, 2) % size;

        copy[at] = (char)fuzz_take(input, 1);
    }
    read_report(copy, size);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};

    if (!sound) {
        nowhere = fopen("/dev/null", "we");
        file = memfd_create("report", MFD_CLOEXEC);
        FUZZ_CHECK(nowhere != NULL && file >= 0);
        make_sound();
    }
    if (fuzz_below(&input, 2))
        read_spoilt(&input);
    else
        read_report((const char *)input.next, (size_t)(input.end - input.next));
    return 0;
}
