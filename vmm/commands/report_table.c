/* SPDX-License-Identifier: MIT
 * Tables of `ringscope report`: which columns, in which order. */
#include "report_table.h"

#include <stdlib.h>
#include <string.h>

int rs_table_open(struct rs_table *table, const struct rs_columns *columns, size_t rows,
                  struct rs_error *error)
{
    *table = (struct rs_table){.columns = columns};
    table->rows = calloc(rows ? rows : 1, sizeof(*table->rows));
    table->order = calloc(rows ? rows : 1, sizeof(struct rs_table_row *));
    if (table->rows && table->order)
        return 0;
    rs_table_close(table);
    return rs_error_set(error, RS_EXIT_HOST, "out of memory");
}

void rs_table_close(struct rs_table *table)
{
    free(table->rows);
    free(table->order);
    table->rows = NULL;
    table->order = NULL;
}

static bool is_named(const struct rs_column *column, const char *name, size_t length)
{
    return (strlen(column->name) == length && memcmp(column->name, name, length) == 0) ||
           (strlen(column->header) == length && memcmp(column->header, name, length) == 0);
}

/* The index of a column, or -1 with what there is instead. */
static int find(const struct rs_columns *columns, const char *option, const char *name,
                size_t length, struct rs_error *error)
{
    char known[sizeof(error->message)] = "";
    size_t used = 0;

    for (size_t i = 0; i < columns->count; i++)
        if (is_named(&columns->list[i], name, length))
            return (int)i;
    for (size_t i = 0; i < columns->count && used < sizeof(known); i++)
        used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", columns->list[i].name);
    return rs_error_set(error, RS_EXIT_USAGE, "%s '%.*s': one of%s", option,
                        (int)(length < 40 ? length : 40), name, known);
}

int rs_table_select(struct rs_table *table, const char *names, struct rs_error *error)
{
    table->selected_count = 0;
    if (!names) {
        for (size_t i = 0; i < table->columns->count; i++)
            table->selected[table->selected_count++] = i;
        return 0;
    }
    for (;;) {
        size_t length = strcspn(names, ",");
        int column = find(table->columns, "--columns", names, length, error);

        if (column < 0)
            return -1;
        if (table->selected_count == RS_TABLE_COLUMNS_MAX)
            return rs_error_set(error, RS_EXIT_USAGE, "--columns: at most %d",
                                RS_TABLE_COLUMNS_MAX);
        table->selected[table->selected_count++] = (size_t)column;
        if (names[length] == '\0')
            return 0;
        names += length + 1;
    }
}

struct order {
    size_t column;
    enum rs_cell_type type;
};

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? 1 : a > b ? -1 : 0;
}

static int by_cell(const struct rs_cell *a, const struct rs_cell *b, enum rs_cell_type type)
{
    if (!a->filled || !b->filled)
        return (int)b->filled - (int)a->filled;
    if (type == RS_CELL_TEXT)
        return strcmp(a->text, b->text);
    if (type == RS_CELL_RATIO)
        return a->ratio < b->ratio ? 1 : a->ratio > b->ratio ? -1 : 0;
    return by_number(a->number, b->number);
}

static int compare(const void *left, const void *right, void *argument)
{
    const struct rs_table_row *a = *(struct rs_table_row *const *)left;
    const struct rs_table_row *b = *(struct rs_table_row *const *)right;
    const struct order *order = argument;
    int result = by_cell(&a->cells[order->column], &b->cells[order->column], order->type);

    return result ? result : strcmp(a->name, b->name);
}

int rs_table_sort(struct rs_table *table, const char *name, struct rs_error *error)
{
    const char *wanted = name ? name : table->columns->sort;
    int column = find(table->columns, "--sort", wanted, strlen(wanted), error);
    struct order order;

    if (column < 0)
        return -1;
    if (table->row_count == 0)
        return 0;
    order = (struct order){(size_t)column, table->columns->list[column].type};
    for (size_t i = 0; i < table->row_count; i++)
        table->order[i] = &table->rows[i];
    qsort_r(table->order, table->row_count, sizeof(struct rs_table_row *), compare, &order);
    return 0;
}

int rs_table_check(const struct rs_columns *columns, const char *names, const char *sort,
                   struct rs_error *error)
{
    struct rs_table table = {.columns = columns};

    return rs_table_select(&table, names, error) == 0 ? rs_table_sort(&table, sort, error) : -1;
}
