/* SPDX-License-Identifier: MIT
 * What the decode command prints. */
#ifndef RINGSCOPE_COMMANDS_DECODE_H
#define RINGSCOPE_COMMANDS_DECODE_H

#include "decode/decode.h"

#include <stdio.h>

/* A heading, the summary, and one line for each field. colour: what is wrong is red. */
void rs_decode_text(const struct rs_decode_kind *kind, const struct rs_decode_input *input,
                    const struct rs_decoded *decoded, bool colour, FILE *out);
/* Returns 0, or -1 when memory is short or the file cannot be written. */
int rs_decode_json(const struct rs_decode_kind *kind, const struct rs_decode_input *input,
                   const struct rs_decoded *decoded, FILE *out);

#endif
