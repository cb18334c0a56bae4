/* SPDX-License-Identifier: MIT
 * The registers at the end of a test, out of what `ringscope run --registers` has printed. */
#include "kut_job.h"

#include "machine/registers.h"

#include <stdlib.h>
#include <string.h>

/* A console that ends in the middle of a line has them behind it. */
static size_t own_part(const char *line, size_t length)
{
    const char *found = memmem(line, length, RS_REGISTERS_PREFIX, sizeof(RS_REGISTERS_PREFIX) - 1);

    return found ? (size_t)(found - line) : length;
}

static size_t find_line(const char *text, size_t size)
{
    const char *end = memchr(text, '\n', size);

    return end ? (size_t)(end - text) + 1 : size;
}

/* A guest that prints such lines has them among its registers, and so what it deserves. */
void rs_kut_take_registers(struct rs_kut_job *job)
{
    char *to = job->output;
    size_t registers = 0, length;
    FILE *out = open_memstream(&job->registers, &registers);

    if (!out)
        return;
    for (size_t at = 0; at < job->output_size; at += length) {
        char *line = job->output + at;
        size_t own, skipped;

        length = find_line(line, job->output_size - at);
        own = own_part(line, length);
        skipped = own + sizeof(RS_REGISTERS_PREFIX) - 1;
        if (own < length)
            fwrite(line + skipped, 1, length - skipped, out);
        memmove(to, line, own);
        to += own;
    }
    job->output_size = (size_t)(to - job->output);
    if (fclose(out) == 0 && registers > 0)
        return;
    free(job->registers);
    job->registers = NULL;
}
