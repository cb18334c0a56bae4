/* SPDX-License-Identifier: MIT
 * --at: where inspect stops the machine. */
#include "inspect.h"

#include <string.h>

static const char *const event_kinds[] = {"syscall", "exception", "interrupt", "msr"};

#define EVENT_KIND_COUNT (sizeof(event_kinds) / sizeof(event_kinds[0]))

/* Nothing of a kind; an expression like that is always right. */
static void leave_out(struct rs_filter *filter, const char *kind)
{
    struct rs_filter_error ignored;
    char expression[32];

    snprintf(expression, sizeof(expression), "%s=none", kind);
    (void)rs_filter_parse(filter, expression, &ignored);
}

static bool is_event(const char *text)
{
    const char *colon = strchr(text, ':');

    for (size_t i = 0; colon && i < EVENT_KIND_COUNT; i++)
        if (strlen(event_kinds[i]) == (size_t)(colon - text) &&
            strncmp(event_kinds[i], text, (size_t)(colon - text)) == 0)
            return true;
    return false;
}

/* KIND:VALUES is the filter's KIND=VALUES. */
static int parse_event(struct rs_point *point, struct rs_error *error)
{
    struct rs_filter_error filter_error;
    char expression[256];

    for (size_t i = 0; i < EVENT_KIND_COUNT; i++)
        leave_out(&point->filter, event_kinds[i]);
    snprintf(expression, sizeof(expression), "%s", point->text);
    *strchr(expression, ':') = '=';
    if (rs_filter_parse(&point->filter, expression, &filter_error) == 0)
        return 0;
    return rs_error_set(error, RS_EXIT_USAGE, "--at '%s': %s", point->text, filter_error.message);
}

int rs_point_parse(struct rs_point *point, const char *text, struct rs_error *error)
{
    memset(point, 0, sizeof(*point));
    point->text = text;
    rs_filter_init(&point->filter);
    leave_out(&point->filter, "msr");
    if (strcmp(text, "boot") == 0)
        point->kind = RS_POINT_BOOT;
    else if (strcmp(text, "end") == 0)
        point->kind = RS_POINT_END;
    else if (is_event(text))
        point->kind = RS_POINT_EVENT;
    else if (!strchr(text, ':') && *text)
        point->kind = RS_POINT_SYMBOL;
    else
        return rs_error_set(error, RS_EXIT_USAGE,
                            "--at '%s': one of boot, end, syscall:NAME, exception:VECTOR, "
                            "interrupt:VECTOR, msr:NAME or a function of the kernel",
                            text);
    return point->kind == RS_POINT_EVENT ? parse_event(point, error) : 0;
}

struct rs_filter *rs_point_filter(struct rs_point *point)
{
    return point->kind == RS_POINT_BOOT || point->kind == RS_POINT_EVENT ? &point->filter : NULL;
}

static bool is_reached(void *context, const struct rs_event *event)
{
    struct rs_point *point = context;

    if (point->kind == RS_POINT_BOOT && event->from_cpl != 3)
        return false;
    point->event = *event;
    point->has_event = true;
    return true;
}

/* ntdll has stubs of the services' names: without an image the kernel's function is meant. */
static bool find_symbol(const struct rs_point *point, const struct rs_images *images,
                        const struct rs_symbols *symbols, struct rs_symbol *symbol)
{
    const char *slash = strrchr(images->kernel.name, '/');
    char name[256];

    snprintf(name, sizeof(name), "%s!%s", slash ? slash + 1 : images->kernel.name, point->text);
    return rs_symbols_find(symbols, name, symbol) || rs_symbols_find(symbols, point->text, symbol);
}

int rs_point_prepare(struct rs_point *point, struct rs_machine *machine,
                     const struct rs_images *images, const struct rs_symbols *symbols,
                     struct rs_error *error)
{
    struct rs_symbol symbol;

    if (rs_point_filter(point)) {
        machine->until = is_reached;
        machine->until_context = point;
    }
    if (point->kind != RS_POINT_SYMBOL)
        return 0;
    if (!find_symbol(point, images, symbols, &symbol))
        return rs_error_set(error, RS_EXIT_USAGE,
                            "--at '%s': neither the kernel nor the program has this symbol",
                            point->text);
    if (rs_breakpoint_set(&point->breakpoint, machine, &images->kernel, symbol.address, error) == 0)
        return 0;
    return error->exit_code == RS_EXIT_USAGE
               ? rs_error_set(error, RS_EXIT_USAGE,
                              "--at '%s': no code of the kernel; in ring 3 only syscall:NAME and "
                              "exception:VECTOR can be stopped at",
                              point->text)
               : -1;
}

bool rs_point_reached(const struct rs_point *point, const struct rs_stop *stop)
{
    /* However it ended, there is something to look at. */
    return point->kind == RS_POINT_END || stop->kind == RS_STOP_REACHED;
}
