/* SPDX-License-Identifier: MIT
 * Tables of `ringscope report`: columns chosen by name, sorted by any, as text, CSV or JSON. */
#ifndef RINGSCOPE_COMMANDS_REPORT_TABLE_H
#define RINGSCOPE_COMMANDS_REPORT_TABLE_H

#include "error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define RS_TABLE_COLUMNS_MAX 48
#define RS_TABLE_NAME_SIZE 64

enum rs_cell_type {
    RS_CELL_TEXT,
    RS_CELL_COUNT,
    RS_CELL_TIME, /* nanoseconds; as text in microseconds */
    RS_CELL_RATIO
};

struct rs_column {
    const char *name;   /* of --columns and --sort; programs read times as NAME_ns */
    const char *header; /* of CSV and JSON: it has the unit */
    const char *title;  /* of the text */
    enum rs_cell_type type;
};

struct rs_columns {
    const struct rs_column *list;
    size_t count;
    const char *shown; /* the columns of the text when none are named */
    const char *sort;
};

struct rs_cell {
    bool filled; /* false: there is no such value */
    union {
        const char *text;
        uint64_t number;
        double ratio;
    };
};

struct rs_table_row {
    const void *source; /* what it was made of: for those who want more than cells */
    char name[RS_TABLE_NAME_SIZE];
    struct rs_cell cells[RS_TABLE_COLUMNS_MAX];
};

struct rs_table {
    const struct rs_columns *columns;
    size_t selected[RS_TABLE_COLUMNS_MAX]; /* indices of columns, in the order to print */
    size_t selected_count;
    size_t row_count;
    struct rs_table_row *rows;   /* owned; cells may point to their row's name */
    struct rs_table_row **order; /* owned; in the order to print: rs_table_sort() */
};

/* A row's cell i is that of column i. Returns 0 or -1. */
int rs_table_open(struct rs_table *table, const struct rs_columns *columns, size_t rows,
                  struct rs_error *error);
void rs_table_close(struct rs_table *table);

/* What select and sort would say, before there are rows. */
int rs_table_check(const struct rs_columns *columns, const char *names, const char *sort,
                   struct rs_error *error);
/* `names` are separated by commas; NULL: all columns. Returns 0, or -1 when one is not known. */
int rs_table_select(struct rs_table *table, const char *names, struct rs_error *error);
/* The largest number first, text in the order of the alphabet, rows without a value last; NULL: by
 * the column of `columns`. Returns 0, or -1 when it is not known or there is no memory. */
int rs_table_sort(struct rs_table *table, const char *name, struct rs_error *error);

void rs_table_text(const struct rs_table *table, FILE *file);
void rs_table_csv(const struct rs_table *table, FILE *file);
/* The selected cells of one row. NULL when there is no memory. */
json_t *rs_table_json_row(const struct rs_table *table, const struct rs_table_row *row);

#endif
