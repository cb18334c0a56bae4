/* SPDX-License-Identifier: MIT
 * The list of tests of kvm-unit-tests: its unittests.cfg. */
#ifndef RINGSCOPE_KUT_CONFIG_H
#define RINGSCOPE_KUT_CONFIG_H

#include "error.h"

#include <stddef.h>

/*
 * Source: the comment at the head of that file, and the suite's scripts, which read it line by
 * line: "[name]", "key = value", blank lines and comments. A key that nobody knows is left out, as
 * there. Strings are empty when the key is not given; they live as long as the list.
 */
struct rs_kut_test {
    const char *name;
    const char *file;
    const char *args;        /* test_args: words as a shell splits them */
    const char *params;      /* qemu_params or extra_params: the same */
    const char *arch;        /* only for this one */
    const char *machine;     /* only for this one */
    const char *check;       /* PATH=VALUE words: files that must have that value */
    const char *accel;       /* only with this one */
    const char *timeout;     /* as timeout(1) takes it */
    const char *groups;      /* words */
    const char *disabled_if; /* a shell's condition */
    unsigned smp;
};

struct rs_kut_config {
    char *text;                /* owned */
    struct rs_kut_test *tests; /* owned */
    size_t count;
};

/* `name` is for messages. Errors: RS_EXIT_IMAGE. Freed by rs_kut_config_free(), whatever is
 * returned. */
int rs_kut_config_parse(const char *name, const char *text, size_t size,
                        struct rs_kut_config *config, struct rs_error *error);
void rs_kut_config_free(struct rs_kut_config *config);

#endif
