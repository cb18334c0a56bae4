/* SPDX-License-Identifier: MIT
 * Inside writer and reader. */
#ifndef RINGSCOPE_CTF_INTERNAL_H
#define RINGSCOPE_CTF_INTERNAL_H

#include "reader.h"
#include "writer.h"

/* The last flush: the last packets need no padding. */
bool rs_ctf_finish(struct rs_ctf_writer *writer);

/* Fills what the metadata tells the reader. Returns 0 or -1. */
int rs_ctf_read_metadata(struct rs_ctf_reader *reader, struct rs_error *error);

#endif
