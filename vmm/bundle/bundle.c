/* SPDX-License-Identifier: MIT
 * The bundle: the guest kernel and the ring-3 programs that are part of ringscope. */
#include "bundle.h"

#include <string.h>

/* Written by mkbundle.sh; the kernel comes first. */
extern const struct rs_blob rs_bundle_images[];
extern const size_t rs_bundle_count;

const struct rs_blob *rs_bundle_kernel(void)
{
    return &rs_bundle_images[0];
}

const struct rs_blob *rs_bundle_program_at(size_t index)
{
    return index + 1 < rs_bundle_count ? &rs_bundle_images[index + 1] : NULL;
}

const struct rs_blob *rs_bundle_program(const char *name)
{
    const struct rs_blob *program;

    for (size_t i = 0; (program = rs_bundle_program_at(i)); i++)
        if (strcmp(program->name, name) == 0)
            return program;
    return NULL;
}
