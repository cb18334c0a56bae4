/* SPDX-License-Identifier: MIT
 * The emulated hosts: one table. */
#include "kind.h"

static const struct rs_host_description descriptions[] = {
#define X(id, name, emulator, model, module, meaning)                                              \
    {name, RS_HOST_EMULATOR_##emulator, model, module},
    RS_HOST_KINDS(X)
#undef X
};

const struct rs_host_description *rs_host_describe(enum rs_host_kind kind)
{
    return &descriptions[kind];
}
