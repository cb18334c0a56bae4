/* SPDX-License-Identifier: MIT
 * Options that run and trace have in common, and the files that they name. */
#ifndef RINGSCOPE_OPTIONS_H
#define RINGSCOPE_OPTIONS_H

#include "budget.h"
#include "error.h"
#include "host.h"
#include "machine/machine.h"
#include "pagefile.h"
#include "sandbox/sandbox.h"
#include "symbols/symbols.h"
#include "trace/filter.h"
#include "trace/filter_fields.h"

#include <argp.h>
#include <ringscope/abi.h>
#include <stdbool.h>

#define RS_MODULES_MAX (RS_BOOT_MODULES_MAX - 1) /* beside the program */
#define RS_OPTIONS_FILTERS_MAX 16
#define RS_FILE_SIZE_MAX (UINT64_C(64) << 30) /* of a trace or the console's file */

struct rs_options {
    enum rs_host_choice host;
    const char *kernel;      /* path; NULL: the bundled one */
    int boot;                /* --boot: enum rs_protocol; -1: by the kernel's content */
    const char *append;      /* --append; NULL: none */
    const char *initrd;      /* path; NULL: none */
    struct rs_cpu_model cpu; /* --cpu */
    bool cpu_given;
    uint64_t memory_size; /* bytes; 0 until rs_images_load(): what the kernel's kind has */
    unsigned cpus;        /* 1..RS_CPUS_MAX */
    struct rs_pagefile_option pagefile;
    const char *modules[RS_MODULES_MAX]; /* paths */
    unsigned module_count;
    const char *keys; /* checked; NULL: none */
    bool repair;
    int hook_kind; /* --hook-kind: RS_HOOK_AUTO or enum rs_hook_kind */
    bool kva_shadow;
    bool registers; /* print them at the end */
    struct rs_budget budget;
    const char *user;          /* NULL: none */
    struct rs_sandbox sandbox; /* mode, and the user once options are parsed */
    bool verbose;
    const char *filters[RS_OPTIONS_FILTERS_MAX]; /* --filter */
    unsigned filter_count;
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

/* A number of bytes with an optional K, M or G behind it; nothing else. */
bool rs_parse_size(const char *text, uint64_t *size);

/* -s: bytes of what an argument points to. Returns what an argp parser returns. */
#define RS_STRING_SIZE 32 /* strace's */
error_t rs_options_string_size(struct rs_options *options, uint32_t *size, const char *value);

/* filters.c. One -e restriction, and one --filter expression, whose names of images and functions
 * wait for the images. Both return what an argp parser returns. */
error_t rs_options_restriction(struct rs_options *options, struct rs_filter *filter,
                               const char *restriction);
error_t rs_options_expression(struct rs_options *options, const char *expression);

/* A file's bytes. On success the caller frees *bytes. Errors: RS_EXIT_NOT_FOUND, RS_EXIT_IMAGE. */
int rs_read_file(const char *path, const char *what, void **bytes, size_t *size,
                 struct rs_error *error);

/* The images that the options name; unload frees what load read. */
struct rs_images {
    enum rs_protocol protocol; /* of the kernel */
    bool other_services;       /* not those of <ringscope/nt/services.h> */
    struct rs_blob kernel, program, initrd;
    void *kernel_bytes, *program_bytes; /* owned; NULL: bundled */
    void *initrd_bytes;                 /* owned */
    struct rs_blob modules[RS_MODULES_MAX];
    void *module_bytes[RS_MODULES_MAX]; /* owned */
    unsigned module_count;
};
/* Reads them, and settles what depends on whose kernel it is: the memory's size, the program.
 * Options that the kernel's protocol has no use for are refused. */
int rs_images_load(struct rs_images *images, struct rs_options *options, struct rs_error *error);
void rs_images_unload(struct rs_images *images);
/* NULL when memory is short. An image without symbols is no error: its addresses have no names. */
struct rs_symbols *rs_images_symbols(const struct rs_images *images);

/* The --filter expressions, now that the images are there. */
int rs_options_compile(const struct rs_options *options, const struct rs_images *images,
                       struct rs_filter *filter, struct rs_error *error);
/* The --filter expressions of commands that read traces. */
struct rs_trace_filters {
    const char *expressions[RS_OPTIONS_FILTERS_MAX];
    unsigned count;
};

/* Checks one but for the names of images and functions. Returns what an argp parser returns. */
error_t rs_trace_filters_add(struct rs_trace_filters *filters, const char *expression,
                             struct rs_error *error);
/* All of them, for events of a trace with these symbols. */
int rs_trace_filters_compile(const struct rs_trace_filters *filters, struct rs_symbols *symbols,
                             struct rs_filter *filter, struct rs_error *error);

/* What is below the options in the --help of commands that take --filter. */
#define RS_FILTER_NAME_IN_HELP(field, name, domain, scope, values, text) name " "
#define RS_FILTER_HELP                                                                             \
    "EXPR joins tests with and, or, not and parentheses. A test is a kind of transition (entry, "  \
    "return, exc, int, nmi, irq, iret, wrmsr, ...) or a field with = != < <= > >= and "            \
    "values: " RS_FILTER_FIELDS(                                                                   \
        RS_FILTER_NAME_IN_HELP) "\n"                                                               \
                                "  -f 'exception=PF and cpl=0'            page faults of the "     \
                                "kernel\n"                                                         \
                                "  -f 'class=memory and status=failed'    failing services for "   \
                                "memory\n"                                                         \
                                "  -f 'return and duration>1ms'           what took long\n"        \
                                "  -f 'rip=demo!main or msr'              from one function, and " \
                                "MSRs\n"                                                           \
                                "docs/filter.md tells the language."

#endif
