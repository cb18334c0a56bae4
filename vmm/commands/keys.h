/* SPDX-License-Identifier: MIT
 * --keys: what is typed on the guest's keyboard. */
#ifndef RINGSCOPE_KEYS_H
#define RINGSCOPE_KEYS_H

#include "devices/i8042.h"
#include "error.h"

#include <stdbool.h>

#define RS_KEYS_STDIN "-" /* instead of a text: type what comes on stdin */

/* Every character of the text has a key, every escape a meaning. 0, or the error is filled. */
int rs_keys_check(const char *text, struct rs_error *error);

struct rs_typist {
    const char *text; /* what is left of it; NULL: nothing is typed */
    bool from_stdin;
    bool ended; /* stdin is at its end */
    bool told;  /* of a character without a key */
};

/* `text`: checked, or NULL. */
void rs_typist_init(struct rs_typist *typist, const char *text);
/* Types as much of the text as the device takes. */
void rs_typist_type(struct rs_typist *typist, struct rs_i8042 *keyboard);
/* stdin should be watched for rs_typist_read(), which reads once and types that. */
bool rs_typist_wants_stdin(const struct rs_typist *typist, struct rs_i8042 *keyboard);
void rs_typist_read(struct rs_typist *typist, struct rs_i8042 *keyboard);

#endif
