/* SPDX-License-Identifier: MIT
 * What the files of the decode command share. */
#ifndef RINGSCOPE_COMMANDS_DECODE_H
#define RINGSCOPE_COMMANDS_DECODE_H

#include "decode/decode.h"
#include "error.h"

#include <stdio.h>

#define RS_DECODE_VALUES_MAX 104 /* every byte of a TSS apart */

/* What stands behind KIND. */
struct rs_decode_values {
    char *text[RS_DECODE_VALUES_MAX];
    size_t count;
};
/* Both return 0, or -1 with the error filled. */
int rs_decode_values_add(struct rs_decode_values *values, char *text, struct rs_error *error);
/* "-" and paths are read. */
int rs_decode_values_fill(const struct rs_decode_values *values, const struct rs_decode_kind *kind,
                          struct rs_decode_input *input, struct rs_error *error);

/* A heading, the summary, and one line for each field. colour: what is wrong is red. */
void rs_decode_text(const struct rs_decode_kind *kind, const struct rs_decode_input *input,
                    const struct rs_decoded *decoded, bool colour, FILE *out);
/* Returns 0, or -1 when memory is short or the file cannot be written. */
int rs_decode_json(const struct rs_decode_kind *kind, const struct rs_decode_input *input,
                   const struct rs_decoded *decoded, FILE *out);

#endif
