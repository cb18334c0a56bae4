/* SPDX-License-Identifier: MIT
 * Options that run and trace have in common, and the files that they name. */
#ifndef RINGSCOPE_OPTIONS_H
#define RINGSCOPE_OPTIONS_H

#include "error.h"
#include "host.h"
#include "machine/machine.h"
#include "trace/filter.h"

#include <argp.h>
#include <stdbool.h>

struct rs_options {
    enum rs_host_choice host;
    const char *kernel;   /* path; NULL: the bundled one */
    uint64_t memory_size; /* bytes */
    double timeout;       /* seconds; 0: none */
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
/* The same of commands that run no program: exit codes alone. */
char *rs_options_exit_codes_filter(int key, const char *text, void *input);

/* For ARGP_KEY_INIT and ARGP_KEY_FINI: a wrong option gets one line on stderr, not several. */
error_t rs_options_one_line(int key, struct argp_state *state);

/* A value that an option does not take: fills the error; returns what an argp parser returns. */
error_t rs_options_bad(struct rs_options *options, const char *option, const char *value,
                       const char *allowed);

/* -s: bytes of what an argument points to. Returns what an argp parser returns. */
#define RS_STRING_SIZE 32 /* strace's */
error_t rs_options_string_size(struct rs_options *options, uint32_t *size, const char *value);

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
};
int rs_images_load(struct rs_images *images, const struct rs_options *options,
                   struct rs_error *error);
void rs_images_unload(struct rs_images *images);

#endif
