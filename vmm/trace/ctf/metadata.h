/* SPDX-License-Identifier: MIT
 * The metadata of a trace: TSDL text, made from the tables of events. */
#ifndef RINGSCOPE_CTF_METADATA_H
#define RINGSCOPE_CTF_METADATA_H

#include "format.h"
#include "trace/clock.h"

#include <stdbool.h>
#include <stdio.h>

/* What is told of the run. Strings may hold any bytes. */
struct rs_ctf_environment {
    const char *kernel;   /* name of the kernel image */
    uint64_t kernel_hash; /* of its bytes: rs_ctf_hash() */
    const char *build_id; /* of the kernel image, hexadecimal; NULL: it has none */
    bool other_kernel;    /* its services are not those of <ringscope/nt/services.h> */
    const char *program;  /* NULL: none */
    uint64_t program_hash;
    const char *host_cpu, *host_microcode, *host_kvm, *host_clock; /* NULL: not known */
    unsigned host_cpus;
    const char *command_line; /* of ringscope */
    bool emulated;            /* times mean nothing on real hardware */
    uint64_t empty_span;      /* ticks: what the hooks themselves add to a span */
    uint64_t ring_size;       /* bytes: the oldest events give way to newer ones; 0: they stay */
};

/* FNV-1a, 64 bits. */
uint64_t rs_ctf_hash(const void *bytes, size_t size);

/* Of this trace alone: its identity, its clock and its environment. */
void rs_ctf_metadata_head(FILE *file, const uint8_t uuid[RS_CTF_UUID_SIZE],
                          const struct rs_clock *clock,
                          const struct rs_ctf_environment *environment);
/* Of this version of ringscope: types, packets and events. */
void rs_ctf_metadata_layout(FILE *file);

/* Where the layout begins in a metadata file. */
#define RS_CTF_LAYOUT_MARK "/* layout */\n"

#endif
