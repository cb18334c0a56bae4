/* SPDX-License-Identifier: MIT
 * A view: a caption and a table of text, printed aligned or as JSON. */
#ifndef RINGSCOPE_INSPECT_VIEW_H
#define RINGSCOPE_INSPECT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RS_VIEW_COLUMNS_MAX 12

struct rs_view {
    const char *name;
    char caption[256];
    const char *columns[RS_VIEW_COLUMNS_MAX]; /* static */
    unsigned column_count;
    char **cells; /* owned; row by row */
    size_t cell_count, room;
    bool failed; /* memory was short: the last cells are missing */
};

void rs_view_init(struct rs_view *view, const char *name);
void rs_view_free(struct rs_view *view);

void rs_view_caption(struct rs_view *view, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The columns, before the first cell; a NULL ends them. */
void rs_view_columns(struct rs_view *view, const char *const *columns);
/* The next cell of the row; the row ends with its last column. */
void rs_view_cell(struct rs_view *view, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A quadword as debuggers have it: fffff801`40000000 */
void rs_view_quadword(struct rs_view *view, uint64_t value);

void rs_view_print(const struct rs_view *view, FILE *out);

#endif
