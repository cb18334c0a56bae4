/* SPDX-License-Identifier: MIT
 * The table of what can be measured. */
#include "items.h"

#include <string.h>

#define RS_OPERATION_NATIVE(name) RS_NATIVE_##name

/* A name of RS_OPERATIONS, or NATIVE(name): pasting makes a call of the macro above of it. */
#define OPERATION(operation) RS_OPERATION_##operation

static const struct rs_bench_item items[] = {
#define X(name, group, variant, operation, points, needs, title)                                   \
    {name, group, title, RS_BENCH_##variant, OPERATION(operation), points, needs},
    RS_BENCH_ITEMS(X)
#undef X
};

static const char *const variant_ids[] = {
#define X(name, id, text) id,
    RS_BENCH_VARIANTS(X)
#undef X
};

const struct rs_bench_item *rs_bench_item_at(size_t index)
{
    return index < sizeof(items) / sizeof(items[0]) ? &items[index] : NULL;
}

const struct rs_bench_item *rs_bench_item_find(const char *name)
{
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        if (strcmp(items[i].name, name) == 0)
            return &items[i];
    return NULL;
}

bool rs_bench_item_is(const struct rs_bench_item *item, const char *what)
{
    return strcmp(item->name, what) == 0 || strcmp(item->group, what) == 0;
}

const char *rs_bench_variant_id(enum rs_bench_variant variant)
{
    return variant_ids[variant];
}

bool rs_bench_variant_is_traced(enum rs_bench_variant variant, enum rs_hook_kind *kind)
{
    switch (variant) {
    case RS_BENCH_TRACED:
        *kind = RS_HOOK_GATE; /* sites, for returns */
        return true;
    case RS_BENCH_TRACED_SITE:
        *kind = RS_HOOK_SITE;
        return true;
    case RS_BENCH_TRACED_INT3:
        *kind = RS_HOOK_INT3;
        return true;
    case RS_BENCH_TRACED_BREAKPOINT:
        *kind = RS_HOOK_BREAKPOINT;
        return true;
    default:
        return false;
    }
}
