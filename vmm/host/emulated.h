/* SPDX-License-Identifier: MIT
 * The emulated hosts: this executable run under stock KVM in a machine that is interpreted. */
#ifndef RINGSCOPE_HOST_EMULATED_H
#define RINGSCOPE_HOST_EMULATED_H

#include "error.h"
#include "kind.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Inside are a Debian kernel, /dev/kvm, an empty root directory in memory, and what is put there:
 * the executable with its shared libraries, and the inputs. The command runs as root in `/`. Its
 * standard streams are pipes, forwarded byte for byte; the environment is the caller's, without
 * LD_*. SIGINT, SIGTERM, SIGHUP and SIGQUIT go to the command; when it has not ended
 * RS_EMULATED_GRACE_MS later, or at the second signal, the machine is stopped.
 *
 * QEMU's machine is booted once and then restored from a file in the cache directory, Bochs's is
 * booted each time with a kernel from there: $RINGSCOPE_CACHE, $XDG_CACHE_HOME/ringscope, or
 * ~/.cache/ringscope.
 */
#define RS_EMULATED_GRACE_MS 5000
#define RS_EMULATED_OUTPUTS_MAX 20
#define RS_EMULATED_MEMORY_MIB 1024

struct rs_emulated_input {
    const char *host_path;  /* any file that can be read */
    const char *inner_path; /* absolute; directories on the way are made */
};

/* The command may open `inner_path` to write, once or more often, but cannot seek in it. */
struct rs_emulated_output {
    const char *inner_path; /* absolute */
    int host_fd;            /* gets the bytes as they are written */
    struct rs_ctf_ring
        *ring; /* or its files do, in rotation; NULL: no ring. host_fd is its first */
};

struct rs_emulated_command {
    enum rs_host_kind kind;
    const char *const *argv; /* ends with NULL; argv[0] is only a name */
    const char *binary;      /* what runs; NULL: this executable */
    const struct rs_emulated_input *inputs;
    size_t input_count;
    const struct rs_emulated_output *outputs;
    size_t output_count;
    unsigned memory_mib; /* of the machine; 0: RS_EMULATED_MEMORY_MIB */
    unsigned timeout_s;  /* for the command; 0: none */
    bool no_stdin;       /* the command reads end of file; the caller's stdin is left alone */
    const struct rs_sandbox *sandbox; /* for this process, once the machine runs; NULL: none */
    bool verbose; /* tell on stderr what is done, and show the machine's console */
};

/* Returns the exit status of the command (128 + n when signal n killed it; RS_EXIT_INTERRUPTED when
 * the machine had to be stopped), or -1 with *error filled. Call it from the only thread. */
int rs_emulated_run(const struct rs_emulated_command *command, struct rs_error *error);

#endif
