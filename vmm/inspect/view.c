/* SPDX-License-Identifier: MIT
 * A view: a caption and a table of text. */
#include "view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void rs_view_init(struct rs_view *view, const char *name)
{
    memset(view, 0, sizeof(*view));
    view->name = name;
}

void rs_view_free(struct rs_view *view)
{
    for (size_t i = 0; i < view->cell_count; i++)
        free(view->cells[i]);
    free(view->cells);
    view->cells = NULL;
    view->cell_count = 0;
}

void rs_view_caption(struct rs_view *view, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(view->caption, sizeof(view->caption), format, arguments);
    va_end(arguments);
}

void rs_view_columns(struct rs_view *view, const char *const *columns)
{
    for (; columns[view->column_count] && view->column_count < RS_VIEW_COLUMNS_MAX;
         view->column_count++)
        view->columns[view->column_count] = columns[view->column_count];
}

static void grow(struct rs_view *view)
{
    size_t room = view->room ? view->room * 2 : 64;
    char **cells = realloc(view->cells, room * sizeof(*cells));

    view->failed = !cells;
    if (!cells)
        return;
    view->cells = cells;
    view->room = room;
}

void rs_view_cell(struct rs_view *view, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    if (view->cell_count == view->room && !view->failed)
        grow(view);
    if (view->failed)
        return;
    va_start(arguments, format);
    view->failed = vasprintf(&text, format, arguments) < 0;
    va_end(arguments);
    if (!view->failed)
        view->cells[view->cell_count++] = text;
}

void rs_view_quadword(struct rs_view *view, uint64_t value)
{
    rs_view_cell(view, "%08" PRIx64 "`%08" PRIx64, value >> 32, value & UINT32_MAX);
}

static const char *cell(const struct rs_view *view, size_t row, unsigned column)
{
    size_t index = row * view->column_count + column;

    return index < view->cell_count ? view->cells[index] : "";
}

static size_t row_count(const struct rs_view *view)
{
    return view->column_count ? (view->cell_count + view->column_count - 1) / view->column_count
                              : 0;
}

static size_t width(const struct rs_view *view, unsigned column)
{
    size_t widest = strlen(view->columns[column]);

    for (size_t row = 0; row < row_count(view); row++)
        if (strlen(cell(view, row, column)) > widest)
            widest = strlen(cell(view, row, column));
    return widest;
}

/* Blanks at the end of a line are left out. */
static void print_row(const struct rs_view *view, const size_t *widths, size_t row, bool head,
                      FILE *out)
{
    size_t blanks = 0;

    for (unsigned column = 0; column < view->column_count; column++) {
        const char *text = head ? view->columns[column] : cell(view, row, column);

        if (*text)
            fprintf(out, "%*s%s", (int)blanks, "", text);
        blanks = (*text ? 0 : blanks) + widths[column] - strlen(text) + 2;
    }
    fputc('\n', out);
}

void rs_view_print(const struct rs_view *view, FILE *out)
{
    size_t widths[RS_VIEW_COLUMNS_MAX];

    fprintf(out, "%s: %s\n", view->name, view->caption);
    if (row_count(view) == 0)
        return;
    for (unsigned column = 0; column < view->column_count; column++)
        widths[column] = width(view, column);
    print_row(view, widths, 0, true, out);
    for (size_t row = 0; row < row_count(view); row++)
        print_row(view, widths, row, false, out);
}
