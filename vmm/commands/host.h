/* SPDX-License-Identifier: MIT
 * Which host runs a command: this machine's /dev/kvm, or an emulated one. */
#ifndef RINGSCOPE_COMMANDS_HOST_H
#define RINGSCOPE_COMMANDS_HOST_H

#include "error.h"
#include "host/kind.h"

#include <stdbool.h>
#include <stdint.h>

enum rs_host_choice {
    RS_HOST_AUTO,
    RS_HOST_KVM,
    RS_HOST_EMULATED /* and RS_HOST_KIND_*: one of the emulated ones */
};

/* The emulated host of a choice: RS_HOST_AUTO has the first one. */
#define RS_HOST_CHOICE_COUNT (RS_HOST_EMULATED + (unsigned)RS_HOST_KIND_COUNT)
enum rs_host_kind rs_host_kind(enum rs_host_choice choice);

/* As --host has it. */
const char *rs_host_name(enum rs_host_choice choice);

#define RS_HOST_CHOICES "auto|kvm|tcg|bochs-intel|bochs-amd"

/* The value of --host. Returns 0, or -1 with RS_EXIT_USAGE. */
int rs_host_parse(const char *value, enum rs_host_choice *choice, struct rs_error *error);

/* Opens /dev/kvm when `choice` allows it. Returns its descriptor; -1 with *emulate set when the
 * emulated host must do it (said on stderr when that was not asked for); -1 without it: *error. */
int rs_host_open(enum rs_host_choice choice, bool *emulate, struct rs_error *error);

/* A command line to be run again on the emulated host. */
struct rs_emulation {
    enum rs_host_kind kind;
    int argc;
    char **argv;                /* argv[0] is "ringscope COMMAND" */
    char *const *program;       /* PROGRAM and what follows, inside argv or apart; NULL: none */
    const char *program_file;   /* PROGRAM is this file; NULL: a bundled name */
    const char *kernel_file;    /* --kernel; NULL: the bundled one */
    const char *initrd_file;    /* --initrd; NULL: none */
    const char *const *modules; /* --module */
    unsigned module_count;
    uint64_t memory_size;         /* bytes of the guest's memory */
    uint64_t pagefile_size;       /* --pagefile with a file: bytes; 0: the option stays as it is */
    const char *output_file;      /* -o; NULL: none */
    const char *record_directory; /* --record; NULL: none */
    uint64_t ring_size;           /* of the record: bytes; 0: no ring */
    unsigned cpu_count;           /* streams of the record */
    const struct rs_budget *budget;   /* NULL: none */
    unsigned timeout_s;               /* of the command; 0: none */
    const struct rs_sandbox *sandbox; /* NULL: what runs is not a guest of the user's */
    bool no_stdin;                    /* the command reads none: the caller's stays untouched */
    bool verbose;
};

/* Returns the exit code; says on stderr what went wrong. */
int rs_host_emulate(const struct rs_emulation *emulation);

#endif
