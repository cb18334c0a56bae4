/* SPDX-License-Identifier: MIT
 * Which kind of hook a place gets. */
#include "kinds.h"

#include "hooks.h"

#include <inttypes.h>
#include <string.h>

const char *rs_hook_kind_name(enum rs_hook_kind kind)
{
    static const char *const names[] = {
#define X(name, id, text) id,
        RS_HOOK_KINDS(X)
#undef X
    };

    return names[kind];
}

const char *rs_hook_place_name(enum rs_hook_place place)
{
    static const char *const names[] = {
#define X(name, text) text,
        RS_HOOK_PLACES(X)
#undef X
    };

    return names[place];
}

int rs_hook_kind_parse(const char *text, int *wanted)
{
    *wanted = RS_HOOK_AUTO;
    if (strcmp(text, "auto") == 0)
        return 0;
    for (int kind = 0; kind < RS_HOOK_KIND_COUNT; kind++) {
        if (strcmp(text, rs_hook_kind_name((enum rs_hook_kind)kind)) == 0) {
            *wanted = kind;
            return 0;
        }
    }
    return -1;
}

enum rs_hook_ring rs_hook_place_ring(enum rs_hook_place place, uint32_t needs)
{
    return place == RS_PLACE_SYSCALL && (needs & RS_NEED_SYSCALL) ? RS_HOOK_RING3 : RS_HOOK_RING0;
}

static bool is_possible(const struct rs_hook_costs *costs, enum rs_hook_kind kind,
                        enum rs_hook_place place, const struct rs_hook_wish *wish)
{
    if ((kind == RS_HOOK_GATE && place == RS_PLACE_RETURNS) ||
        (kind == RS_HOOK_BREAKPOINT && (place == RS_PLACE_GATES || wish->several || wish->foreign)))
        return false;
    return costs->of[kind][rs_hook_place_ring(place, wish->needs)].works;
}

static enum rs_hook_kind cheapest(const struct rs_hook_costs *costs, enum rs_hook_place place,
                                  const struct rs_hook_wish *wish)
{
    static const struct rs_hook_kinds usual;
    enum rs_hook_ring ring = rs_hook_place_ring(place, wish->needs);
    enum rs_hook_kind usual_kind = rs_hook_kind_of(&usual, place), best = usual_kind;

    for (unsigned i = 0; i < RS_HOOK_KIND_COUNT; i++) {
        enum rs_hook_kind kind = (enum rs_hook_kind)i;
        const uint64_t *quartiles = costs->of[kind][ring].quartiles;

        if (kind != usual_kind && is_possible(costs, kind, place, wish) &&
            quartiles[2] < costs->of[usual_kind][ring].quartiles[0] &&
            quartiles[1] < costs->of[best][ring].quartiles[1])
            best = kind;
    }
    return best;
}

bool rs_hook_kinds_choose(const struct rs_hook_costs *costs, const struct rs_hook_wish *wish,
                          struct rs_hook_kinds *kinds)
{
    bool any = wish->wanted == RS_HOOK_AUTO;

    memset(kinds, 0, sizeof(*kinds));
    for (unsigned i = 0; i < RS_PLACE_COUNT; i++) {
        enum rs_hook_place place = (enum rs_hook_place)i;

        if (wish->wanted == RS_HOOK_AUTO) {
            kinds->of[place] = (uint8_t)cheapest(costs, place, wish);
        } else if (is_possible(costs, (enum rs_hook_kind)wish->wanted, place, wish)) {
            kinds->of[place] = (uint8_t)wish->wanted;
            any = true;
        }
    }
    return any;
}

void rs_hook_kinds_print(const struct rs_hook_kinds *kinds, FILE *out)
{
    for (unsigned i = 0; i < RS_PLACE_COUNT; i++) {
        enum rs_hook_place place = (enum rs_hook_place)i;

        fprintf(out, "%s%s %s", i ? ", " : "", rs_hook_place_name(place),
                rs_hook_kind_name(rs_hook_kind_of(kinds, place)));
    }
}

void rs_hook_costs_print(const struct rs_hook_costs *costs, enum rs_hook_ring ring, FILE *out)
{
    for (unsigned i = 0; i < RS_HOOK_KIND_COUNT; i++) {
        const struct rs_hook_cost *cost = &costs->of[i][ring];

        fprintf(out, "%s%s ", i ? ", " : "", rs_hook_kind_name((enum rs_hook_kind)i));
        if (cost->works)
            fprintf(out, "%" PRIu64, cost->quartiles[1]);
        else
            fprintf(out, "absent");
    }
    fprintf(out, " (ticks)");
}
