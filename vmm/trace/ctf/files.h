/* SPDX-License-Identifier: MIT
 * The files of one stream as one row of pages, the oldest first. The files are not trusted. */
#ifndef RINGSCOPE_CTF_FILES_H
#define RINGSCOPE_CTF_FILES_H

#include "error.h"
#include "format.h"
#include "ring.h"

#include <stdbool.h>
#include <sys/types.h>

struct rs_ctf_files {
    unsigned count;
    struct {
        int fd;             /* owned */
        uint64_t bytes;     /* when it was opened; what has come since is not read */
        uint64_t first;     /* the sequence number that it begins with; UINT64_MAX: not known */
        uint64_t given_way; /* the events before that one, less those that never came */
        uint64_t begin;     /* where it begins in the row: a multiple of a page */
    } file[RS_CTF_RING_FILES];
};

/* Opens the files of stream `number` in `directory`; `path` is the trace's, for messages. `ring`:
 * it is in rotation. 1: they are open; 0: there is no such stream; -1: error. */
int rs_ctf_files_open(struct rs_ctf_files *files, int directory, const char *path, unsigned number,
                      bool ring, const uint8_t uuid[RS_CTF_UUID_SIZE], struct rs_error *error);
void rs_ctf_files_close(struct rs_ctf_files *files);

/* The length of the row. */
uint64_t rs_ctf_files_bytes(const struct rs_ctf_files *files);
/* Events that gave way to those of the oldest file. */
uint64_t rs_ctf_files_overwritten(const struct rs_ctf_files *files);
/* As pread(2) of the row, and of one file at most. */
ssize_t rs_ctf_files_read(const struct rs_ctf_files *files, void *bytes, size_t size,
                          uint64_t offset);

#endif
