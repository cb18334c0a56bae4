/* SPDX-License-Identifier: MIT
 * -e and --filter: from the command line to a filter, and errors with a caret. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of a long expression, so much before and behind the place that is wrong. */
#define SHOWN_BEFORE 60
#define SHOWN_BEHIND 40

/* "-e 'EXPRESSION': what is wrong", and below it a caret. */
static int fail(struct rs_error *error, const char *option, const char *expression,
                const struct rs_filter_error *wrong)
{
    size_t length = strlen(expression), from = 0, behind = length - wrong->column;
    bool whole = length <= SHOWN_BEFORE + SHOWN_BEHIND;
    char text[SHOWN_BEFORE + SHOWN_BEHIND + sizeof("......")];

    if (!whole && wrong->column > SHOWN_BEFORE)
        from = wrong->column - SHOWN_BEFORE;
    if (!whole && behind > SHOWN_BEHIND)
        behind = SHOWN_BEHIND;
    snprintf(text, sizeof(text), "%s%.*s%s", from > 0 ? "..." : "",
             (int)(wrong->column - from + behind), expression + from,
             wrong->column + behind < length ? "..." : "");
    return rs_error_set(error, RS_EXIT_USAGE, "%s '%s': %s\n%*s^", option, text, wrong->message,
                        (int)(sizeof("ringscope: ") - 1 + strlen(option) + sizeof(" '") - 1 +
                              (from > 0 ? 3 : 0) + wrong->column - from),
                        "");
}

error_t rs_options_restriction(struct rs_options *options, struct rs_filter *filter,
                               const char *restriction)
{
    struct rs_filter_error wrong;

    if (rs_filter_parse(filter, restriction, &wrong) == 0)
        return 0;
    fail(options->error, "-e", restriction, &wrong);
    return EINVAL;
}

static int add_expression(struct rs_filter *filter, const char *expression,
                          const struct rs_filter_symbols *symbols, struct rs_error *error)
{
    struct rs_filter_error wrong;

    if (rs_filter_expression(filter, expression, symbols, &wrong) == 0)
        return 0;
    return fail(error, "--filter", expression, &wrong);
}

/* Every name is one, as long as there are no images. */
static int accept(void *context, const char *name, size_t length, struct rs_filter_range *range,
                  char *message, size_t size)
{
    (void)context, (void)name, (void)length, (void)message, (void)size;
    *range = (struct rs_filter_range){0, UINT64_MAX};
    return 0;
}

/* Names of images and functions wait for the images. */
static int check(const char *expression, struct rs_error *error)
{
    static const struct rs_filter_symbols symbols = {.resolve = accept};
    struct rs_filter filter;

    rs_filter_init(&filter);
    return add_expression(&filter, expression, &symbols, error);
}

static error_t too_many(struct rs_error *error)
{
    rs_error_set(error, RS_EXIT_USAGE, "--filter: more than %d of them", RS_OPTIONS_FILTERS_MAX);
    return EINVAL;
}

error_t rs_options_expression(struct rs_options *options, const char *expression)
{
    if (check(expression, options->error) != 0)
        return EINVAL;
    if (options->filter_count == RS_OPTIONS_FILTERS_MAX)
        return too_many(options->error);
    options->filters[options->filter_count++] = expression;
    return 0;
}

/* Symbols are read when the first name comes. */
struct lazy_symbols {
    const struct rs_images *images;
    struct rs_symbols *symbols;
};

static int resolve(void *context, const char *name, size_t length, struct rs_filter_range *range,
                   char *message, size_t size)
{
    struct lazy_symbols *lazy = context;

    if (!lazy->symbols)
        lazy->symbols = rs_images_symbols(lazy->images);
    return rs_symbols_resolve(lazy->symbols, name, length, &range->first, &range->last, message,
                              size);
}

int rs_options_compile(const struct rs_options *options, const struct rs_images *images,
                       struct rs_filter *filter, struct rs_error *error)
{
    struct lazy_symbols lazy = {.images = images};
    const struct rs_filter_symbols symbols = {.resolve = resolve, .context = &lazy};
    int result = 0;

    for (unsigned i = 0; result == 0 && i < options->filter_count; i++)
        result = add_expression(filter, options->filters[i], &symbols, error);
    rs_symbols_free(lazy.symbols);
    return result;
}

static int resolve_in(void *context, const char *name, size_t length, struct rs_filter_range *range,
                      char *message, size_t size)
{
    return rs_symbols_resolve(context, name, length, &range->first, &range->last, message, size);
}

error_t rs_trace_filters_add(struct rs_trace_filters *filters, const char *expression,
                             struct rs_error *error)
{
    if (check(expression, error) != 0)
        return EINVAL;
    if (filters->count == RS_OPTIONS_FILTERS_MAX)
        return too_many(error);
    filters->expressions[filters->count++] = expression;
    return 0;
}

int rs_trace_filters_compile(const struct rs_trace_filters *filters, struct rs_symbols *symbols,
                             struct rs_filter *filter, struct rs_error *error)
{
    const struct rs_filter_symbols names = {.resolve = resolve_in, .context = symbols};
    int result = 0;

    rs_filter_init_trace(filter);
    for (unsigned i = 0; result == 0 && i < filters->count; i++)
        result = add_expression(filter, filters->expressions[i], &names, error);
    return result;
}
