/* SPDX-License-Identifier: MIT
 * The directory of a trace: made, or an old trace put aside, without harm to anything else. */
#ifndef RINGSCOPE_CTF_DIRECTORY_H
#define RINGSCOPE_CTF_DIRECTORY_H

#include "error.h"

#include <stdbool.h>

/*
 * Makes `path` an empty directory and returns a descriptor of it, or -1. A trace of ringscope that
 * is there becomes `path`.old, as with perf record, and an older `path`.old is removed; anything
 * else that is there stays, and is an error. A directory whose metadata is a FIFO has a reader that
 * waits: it is taken as it is.
 */
int rs_ctf_directory(const char *path, struct rs_error *error);

/* Opens a file in the directory to write. Returns its descriptor, or -1. */
int rs_ctf_create(int directory, const char *path, const char *name, struct rs_error *error);

#endif
