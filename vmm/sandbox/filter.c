/* SPDX-License-Identifier: MIT
 * The filters of the roles, which mkfilters.c has made. */
#include "internal.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filters.def"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const struct sock_filter *instructions;
    size_t count;
} filters[RS_SANDBOX_ROLE_COUNT] = {
    [RS_SANDBOX_SESSION] = {session_filter, COUNT(session_filter)},
    [RS_SANDBOX_VCPU] = {vcpu_filter, COUNT(vcpu_filter)},
    [RS_SANDBOX_RELAY] = {relay_filter, COUNT(relay_filter)},
    [RS_SANDBOX_WORKER] = {worker_filter, COUNT(worker_filter)},
    [RS_SANDBOX_VCPU_OWN_FILES] = {vcpu_own_files_filter, COUNT(vcpu_own_files_filter)},
};

int rs_sandbox_make_filter(struct rs_sandbox_filter *filter, enum rs_sandbox_role role,
                           struct rs_error *error)
{
    size_t count = filters[role].count;

    *filter = (struct rs_sandbox_filter){
        .instructions = malloc(count * sizeof(*filter->instructions)),
        .count = (unsigned short)count,
    };
    if (!filter->instructions)
        return rs_error_set(error, RS_EXIT_HOST, "sandbox: out of memory");
    memcpy(filter->instructions, filters[role].instructions, count * sizeof(*filter->instructions));
    for (size_t i = 0; i < count; i++)
        if (filter->instructions[i].k == RS_SANDBOX_OWN_PID)
            filter->instructions[i].k = (uint32_t)getpid();
    return 0;
}

void rs_sandbox_free_filter(struct rs_sandbox_filter *filter)
{
    free(filter->instructions);
    *filter = (struct rs_sandbox_filter){0};
}
