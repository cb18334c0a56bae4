/* SPDX-License-Identifier: MIT
 * All claims, in the order in which they are measured and printed. */
#include "claim.h"

#include <string.h>

const struct rs_group *const rs_groups[] = {
    &rs_group_kvm,        &rs_group_hooks,  &rs_group_syscall, &rs_group_gates,     &rs_group_iret,
    &rs_group_exceptions, &rs_group_events, &rs_group_ring0,   &rs_group_registers,
};
const size_t rs_group_count = sizeof(rs_groups) / sizeof(rs_groups[0]);

size_t rs_claim_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < rs_group_count; i++)
        count += rs_groups[i]->count;
    return count;
}

const struct rs_claim *rs_claim_find(const struct rs_group *group, const char *id)
{
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->claims[i].id, id) == 0)
            return &group->claims[i];
    return NULL;
}
