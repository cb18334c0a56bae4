/* SPDX-License-Identifier: MIT
 * Putting the command into the machine: executable, libraries, inputs, arguments. */
#ifndef RINGSCOPE_HOST_UPLOAD_H
#define RINGSCOPE_HOST_UPLOAD_H

#include "channel.h"
#include "emulated.h"

/* Everything up to START. */
int rs_upload(struct rs_channel *channel, const struct rs_emulated_command *command,
              struct rs_error *error);

int rs_upload_file(struct rs_channel *channel, const char *host_path, const char *inner_path,
                   struct rs_error *error);

/* upload_libraries.c: the dynamic loader of an ELF executable and the libraries that it finds;
 * nothing for a static one. */
int rs_upload_libraries(struct rs_channel *channel, const char *binary, struct rs_error *error);

#endif
