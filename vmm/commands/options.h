/* SPDX-License-Identifier: MIT
 * Options that run and trace have in common, and the files that they name. */
#ifndef RINGSCOPE_OPTIONS_H
#define RINGSCOPE_OPTIONS_H

#include "error.h"
#include "host.h"
#include "machine/machine.h"
#include "pagefile.h"
#include "trace/filter.h"

#include <argp.h>
#include <ringscope/abi.h>
#include <stdbool.h>

#define RS_MODULES_MAX (RS_BOOT_MODULES_MAX - 1) /* beside the program */

struct rs_options {
    enum rs_host_choice host;
    const char *kernel;   /* path; NULL: the bundled one */
    uint64_t memory_size; /* bytes */
    struct rs_pagefile_option pagefile;
    const char *modules[RS_MODULES_MAX]; /* paths */
    unsigned module_count;
    double timeout; /* seconds; 0: none */
    bool repair;
    bool verbose;
    char **arguments;       /* PROGRAM and its arguments, NULL-terminated */
    struct rs_error *error; /* filled when a value is wrong */
};

/* argp child: fills the struct rs_options that is the parser's input. */
extern const struct argp rs_options_argp;

/* Defaults, to be called before argp_parse(). */
void rs_options_init(struct rs_options *options, struct rs_error *error);

/* Text below the options in --help: exit codes and bundled programs. The caller frees it. An argp
 * help filter. */
char *rs_options_help_filter(int key, const char *text, void *input);

/* For ARGP_KEY_INIT and ARGP_KEY_FINI: a wrong option gets one line on stderr, not several. */
error_t rs_options_one_line(int key, struct argp_state *state);

/* A value that an option does not take: fills the error; returns what an argp parser returns. */
error_t rs_options_bad(struct rs_options *options, const char *option, const char *value,
                       const char *allowed);

/* A number of bytes with an optional K, M or G behind it; nothing else. */
bool rs_parse_size(const char *text, uint64_t *size);

/* One -e expression; returns what an argp parser returns. */
error_t rs_options_filter(struct rs_options *options, struct rs_filter *filter,
                          const char *expression);

/* A file's bytes. On success the caller frees *bytes. Errors: RS_EXIT_NOT_FOUND, RS_EXIT_IMAGE. */
int rs_read_file(const char *path, const char *what, void **bytes, size_t *size,
                 struct rs_error *error);

/* The images that the options name; unload frees what load read. */
struct rs_images {
    struct rs_blob kernel, program;
    void *kernel_bytes, *program_bytes; /* owned; NULL: bundled */
    struct rs_blob modules[RS_MODULES_MAX];
    void *module_bytes[RS_MODULES_MAX]; /* owned */
    unsigned module_count;
};
int rs_images_load(struct rs_images *images, const struct rs_options *options,
                   struct rs_error *error);
void rs_images_unload(struct rs_images *images);

#endif
