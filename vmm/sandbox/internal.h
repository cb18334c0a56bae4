/* SPDX-License-Identifier: MIT
 * The layers of the sandbox, each in a file of its own. */
#ifndef RINGSCOPE_SANDBOX_INTERNAL_H
#define RINGSCOPE_SANDBOX_INTERNAL_H

#include "sandbox.h"

#include <stddef.h>

/* A sanitizer maps shadow memory, and looks at the process when it reports; coverage is written
 * into files at the end. */
#ifdef __has_feature /* clang, which does not define what GCC does */
#define RS_SANDBOX_BY_CLANG                                                                        \
    (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                        \
     __has_feature(memory_sanitizer))
#else
#define RS_SANDBOX_BY_CLANG 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || RS_SANDBOX_BY_CLANG ||        \
    defined(RS_SANDBOX_LOOSE)
#define RS_SANDBOX_SANITIZED 1
#else
#define RS_SANDBOX_SANITIZED 0
#endif

/* Stands in a filter for the process's own number, which is known when it is loaded. */
#define RS_SANDBOX_OWN_PID 0x7a11beefu

/* Access to what is beneath a path: LANDLOCK_ACCESS_FS_*. */
struct rs_sandbox_path {
    const char *name;
    uint64_t access;
};

/* The kernel has Landlock. `signals`: to processes outside, too. Returns 0 or -errno. */
int rs_sandbox_landlock(const struct rs_sandbox_path *paths, size_t count, bool signals);

void rs_sandbox_drop_bounding_set(void);
int rs_sandbox_drop_capabilities(void);

int rs_sandbox_drop_privileges(const struct rs_sandbox *sandbox, struct rs_error *error);
int rs_sandbox_set_limits(const struct rs_sandbox *sandbox, struct rs_error *error);
int rs_sandbox_close_files(const struct rs_sandbox *sandbox, struct rs_error *error);

#endif
