/* SPDX-License-Identifier: MIT
 * Giving up what running a guest does not need, before the guest's first instruction. */
#ifndef RINGSCOPE_SANDBOX_H
#define RINGSCOPE_SANDBOX_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Two steps. The process gives up privileges, files and space (rs_sandbox_enter) while it has one
 * thread; each thread then gives up the system calls that its role does not make
 * (rs_sandbox_confine). Both are for good: what follows inherits them, and nothing takes them back.
 *
 * Sources: seccomp(2), no_new_privs in prctl(2), capabilities(7), landlock(7), setrlimit(2).
 */
enum rs_sandbox_mode {
    RS_SANDBOX_OFF,
    RS_SANDBOX_ON,     /* what the host's kernel offers */
    RS_SANDBOX_STRICT, /* all of it or no guest, and never as root */
};

/* A build that measures coverage says otherwise: at its end it writes files, which nothing confined
 * may. */
#ifndef RS_SANDBOX_DEFAULT
#define RS_SANDBOX_DEFAULT RS_SANDBOX_ON
#endif

enum rs_sandbox_role {
    RS_SANDBOX_SESSION, /* the main thread: files that are open, the console, and the end */
    RS_SANDBOX_VCPU,    /* KVM_RUN and what its exits need */
    RS_SANDBOX_RELAY,   /* outside of the emulated machine: its channel, and killing QEMU */
    RS_SANDBOX_WORKER,  /* of a test suite: makes machines and threads, one after another */
    /* RS_SANDBOX_VCPU with any ioctl, so that the kernel need not run the filter to let one
     * through: for a thread to which rs_sandbox_keep_files() has left no descriptor but those of
     * KVM and what else it uses. */
    RS_SANDBOX_VCPU_OWN_FILES,
    RS_SANDBOX_ROLE_COUNT
};

struct rs_sandbox {
    enum rs_sandbox_mode mode;
    bool has_user; /* become this user; needs root */
    uid_t uid;
    gid_t gid;
    bool signals;       /* may be sent to processes outside: children that were started before */
    uint64_t memory;    /* bytes of address space beyond what is mapped already; 0: no limit */
    uint64_t file_size; /* bytes, of the longest file that may be written; 0: no limit */
    unsigned files;     /* that may be open; 0: what a session needs */
};

/* "off", "on" or "strict". */
bool rs_sandbox_parse(const char *text, enum rs_sandbox_mode *mode);

/* NAME, UID or UID:GID; looks NAME up in the system's users. */
int rs_sandbox_parse_user(const char *text, struct rs_sandbox *sandbox, struct rs_error *error);

/* No new privileges, no capabilities, the user, the limits, no files but those that are open. To be
 * called by the only thread. Error: RS_EXIT_HOST. Nothing happens with RS_SANDBOX_OFF. */
int rs_sandbox_enter(const struct rs_sandbox *sandbox, struct rs_error *error);

/* For a child before it executes QEMU, in the directory of the saved machine: no new privileges, no
 * capabilities, no core dump; where the kernel has Landlock no files but QEMU's own, those of the
 * saved machine and what a program needs to start. QEMU's -sandbox is its seccomp filter.
 * `program`: its path, from which its own files are found. Returns 0 or -errno. */
int rs_sandbox_enter_qemu(const char *program);
int rs_sandbox_enter_bochs(const char *program);

/* The filter of a role, made once and loaded by every thread that has the role. */
struct rs_sandbox_filter {
    struct sock_filter *instructions; /* owned; NULL: no filter */
    unsigned short count;
};
int rs_sandbox_make_filter(struct rs_sandbox_filter *filter, enum rs_sandbox_role role,
                           struct rs_error *error);
void rs_sandbox_free_filter(struct rs_sandbox_filter *filter);

/*
 * From here on the calling thread makes only the calls of the filter's role. Another one is not
 * executed: `tell` is called on the thread, in a signal handler, and the thread ends. Without
 * `tell` a line on stderr says which call it was and the process ends with RS_EXIT_SANDBOX. Needs
 * no memory. Returns 0 or -errno.
 */
typedef void rs_sandbox_tell(void *context, int call);
int rs_sandbox_confine(const struct rs_sandbox_filter *filter, rs_sandbox_tell *tell,
                       void *context);

/*
 * The calling thread gets a table of descriptors of its own, in which these are and no others;
 * those of the other threads stay as they are, and what they open or close later is nothing to it.
 * A negative one stands for none. What is kept stays open until the thread ends. Returns 0 or
 * -errno: the thread has the table that it had (ENOSYS: a kernel before 5.9; EPERM: whoever started
 * this process does not allow it). Source: close_range(2), CLOSE_RANGE_UNSHARE.
 */
int rs_sandbox_keep_files(const int *files, size_t count);

/* The name of a system call of this machine, or NULL. */
const char *rs_sandbox_call_name(int call);

/* Landlock's ABI of this kernel; 0: it has none. */
int rs_sandbox_landlock_abi(void);

#endif
