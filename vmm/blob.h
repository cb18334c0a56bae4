/* SPDX-License-Identifier: MIT
 * A file in memory, with the name that messages use. */
#ifndef RINGSCOPE_BLOB_H
#define RINGSCOPE_BLOB_H

#include <stddef.h>

/* The bytes are the caller's and stay valid and unchanged as long as anything refers to them. */
struct rs_blob {
    const char *name;
    const void *bytes; /* NULL: no such file */
    size_t size;
};

#endif
