/* SPDX-License-Identifier: MIT
 * What the hooks of a machine's vCPUs have in common, at the moment of a snapshot. */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

int rs_snapshot_take_hooks(struct rs_snapshot_hooks *image, const struct rs_hook_set *set)
{
    size_t size = set->spans.count * sizeof(*image->spans);

    memcpy(image->idts, set->idts, sizeof(image->idts));
    image->window_gva = set->window_gva;
    image->sites_armed = atomic_load(&set->sites_armed);
    image->kinds = set->config.kinds;
    image->span_count = set->spans.count;
    image->spans = malloc(size ? size : 1);
    if (!image->spans)
        return -1;
    memcpy(image->spans, set->spans.open, size);
    return 0;
}

/* Patches in guest memory go back together with it. A guest that used debug registers itself has
 * taken breakpoints away. */
int rs_snapshot_put_hooks(const struct rs_snapshot_hooks *image, struct rs_hook_set *set)
{
    int result = 0;

    memcpy(set->idts, image->idts, set->cpu_count * sizeof(*set->idts));
    set->window_gva = image->window_gva;
    atomic_store(&set->sites_armed, image->sites_armed);
    set->spans.count = image->span_count;
    memcpy(set->spans.open, image->spans, image->span_count * sizeof(*image->spans));
    set->config.kinds = image->kinds;
    for (unsigned i = 0; i < set->cpu_count && result == 0; i++)
        result = rs_hooks_guest_debug(set->cpus[i]);
    return result;
}
