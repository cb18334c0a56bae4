/* SPDX-License-Identifier: MIT
 * The environment in the metadata of a trace: its names and values. Pure. */
#ifndef RINGSCOPE_CTF_ENVIRONMENT_H
#define RINGSCOPE_CTF_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#define RS_CTF_VARIABLE_MAX 4096 /* bytes of a value; what is longer is cut */

struct rs_ctf_variable {
    char name[64];
    char value[RS_CTF_VARIABLE_MAX + 1];
    size_t size; /* of the value */
};

/* A copy of the lines between "env {" and "};" in a metadata file, which the caller frees. "" when
 * there are none; NULL: no memory. */
char *rs_ctf_environment(const char *metadata);
/* Takes one line; *at goes to the next one. False: there is none. */
bool rs_ctf_environment_next(const char **at, struct rs_ctf_variable *variable);
/* Looks one up. */
bool rs_ctf_environment_find(const char *environment, const char *name,
                             struct rs_ctf_variable *variable);

#endif
