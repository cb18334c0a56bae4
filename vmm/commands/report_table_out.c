/* SPDX-License-Identifier: MIT
 * Tables of `ringscope report`: as text, CSV and JSON. */
#include "report_table.h"

#include <inttypes.h>
#include <string.h>

#define CELL_SIZE 72

static void format_cell(const struct rs_cell *cell, enum rs_cell_type type, char buffer[CELL_SIZE])
{
    buffer[0] = '\0';
    if (!cell->filled)
        return;
    switch (type) {
    case RS_CELL_TEXT:
        snprintf(buffer, CELL_SIZE, "%s", cell->text);
        break;
    case RS_CELL_TIME:
        snprintf(buffer, CELL_SIZE, "%" PRIu64 ".%03" PRIu64, cell->number / 1000,
                 cell->number % 1000);
        break;
    case RS_CELL_RATIO:
        snprintf(buffer, CELL_SIZE, "%.3f", cell->ratio);
        break;
    default:
        snprintf(buffer, CELL_SIZE, "%" PRIu64, cell->number);
    }
}

static size_t width_of(const struct rs_table *table, size_t column)
{
    enum rs_cell_type type = table->columns->list[column].type;
    size_t width = strlen(table->columns->list[column].title);
    char cell[CELL_SIZE];

    for (size_t i = 0; i < table->row_count; i++) {
        format_cell(&table->order[i]->cells[column], type, cell);
        if (strlen(cell) > width)
            width = strlen(cell);
    }
    return width;
}

/* Numbers end, text begins on the column; a line does not end with spaces. */
static void put_cell(FILE *file, const char *text, size_t width, enum rs_cell_type type, bool last)
{
    if (type != RS_CELL_TEXT)
        fprintf(file, "%*s", (int)width, text);
    else
        fprintf(file, "%-*s", last ? 0 : (int)width, text);
    fputs(last ? "\n" : "  ", file);
}

void rs_table_text(const struct rs_table *table, FILE *file)
{
    size_t widths[RS_TABLE_COLUMNS_MAX];
    char cell[CELL_SIZE];

    for (size_t i = 0; i < table->selected_count; i++)
        widths[i] = width_of(table, table->selected[i]);
    for (size_t i = 0; i < table->selected_count; i++) {
        const struct rs_column *column = &table->columns->list[table->selected[i]];

        put_cell(file, column->title, widths[i], column->type, i + 1 == table->selected_count);
    }
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->selected_count; i++) {
            const struct rs_column *column = &table->columns->list[table->selected[i]];

            format_cell(&table->order[row]->cells[table->selected[i]], column->type, cell);
            put_cell(file, cell, widths[i], column->type, i + 1 == table->selected_count);
        }
    }
}

/* RFC 4180. */
static void put_csv_text(FILE *file, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

static void put_csv_cell(FILE *file, const struct rs_cell *cell, enum rs_cell_type type)
{
    if (!cell->filled)
        return;
    if (type == RS_CELL_TEXT)
        put_csv_text(file, cell->text);
    else if (type == RS_CELL_RATIO)
        fprintf(file, "%.6f", cell->ratio);
    else
        fprintf(file, "%" PRIu64, cell->number);
}

void rs_table_csv(const struct rs_table *table, FILE *file)
{
    for (size_t i = 0; i < table->selected_count; i++)
        fprintf(file, "%s%s", i ? "," : "", table->columns->list[table->selected[i]].header);
    fputs("\r\n", file);
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->selected_count; i++) {
            fputs(i ? "," : "", file);
            put_csv_cell(file, &table->order[row]->cells[table->selected[i]],
                         table->columns->list[table->selected[i]].type);
        }
        fputs("\r\n", file);
    }
}

static json_t *json_cell(const struct rs_cell *cell, enum rs_cell_type type)
{
    if (!cell->filled)
        return json_null();
    if (type == RS_CELL_TEXT)
        return json_string(cell->text);
    if (type == RS_CELL_RATIO)
        return json_real(cell->ratio);
    return json_integer((json_int_t)cell->number);
}

json_t *rs_table_json_row(const struct rs_table *table, const struct rs_table_row *row)
{
    json_t *object = json_object();

    for (size_t i = 0; i < table->selected_count; i++) {
        size_t column = table->selected[i];

        json_object_set_new(object, table->columns->list[column].header,
                            json_cell(&row->cells[column], table->columns->list[column].type));
    }
    return object;
}
