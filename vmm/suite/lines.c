/* SPDX-License-Identifier: MIT
 * Expected lines of a trace against those that came. */
#include "lines.h"

#include "transitions.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3
#define TABLE_MAX 4000000 /* entries; longer differences are shown as one block */

struct line {
    const char *start;
    size_t length;
};

struct lines {
    struct line *line; /* owned */
    size_t count;
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct line trim(const char *start, size_t length)
{
    while (length > 0 && is_blank(*start)) {
        start++;
        length--;
    }
    while (length > 0 && is_blank(start[length - 1]))
        length--;
    return (struct line){start, length};
}

static bool is(const struct line *line, const char *text)
{
    return line->length == strlen(text) && memcmp(line->start, text, line->length) == 0;
}

static int make_room(const char *text, struct lines *lines)
{
    size_t count = 1;

    for (const char *at = text; *at; at++)
        count += *at == '\n';
    lines->line = calloc(count, sizeof(*lines->line));
    return lines->line ? 0 : -1;
}

static int read_expected(const char *text, struct lines *lines)
{
    if (make_room(text, lines) != 0)
        return -1;
    for (const char *next = text; *next;) {
        size_t length = strcspn(next, "\n");
        struct line line = trim(next, length);

        if (line.length > 0 && *line.start != '#')
            lines->line[lines->count++] = line;
        next += length + (next[length] == '\n');
    }
    return 0;
}

static bool names(const struct lines *lines, const char *word)
{
    for (size_t i = 0; i < lines->count; i++)
        if (memmem(lines->line[i].start, lines->line[i].length, word, strlen(word)))
            return true;
    return false;
}

static int read_got(const char *text, bool interrupts, bool page_faults, struct lines *lines)
{
    if (make_room(text, lines) != 0)
        return -1;
    for (const char *next = text; *next;) {
        size_t length = strcspn(next, "\n");
        bool wanted = (*next != RS_LINE_INTERRUPT || interrupts) &&
                      (*next != RS_LINE_PAGE_FAULT || page_faults);

        if (length > 1 && wanted)
            lines->line[lines->count++] = trim(next + 1, length - 1);
        next += length + (next[length] == '\n');
    }
    return 0;
}

static bool same(const struct line *left, const struct line *right)
{
    return left->length == right->length && memcmp(left->start, right->start, left->length) == 0;
}

static void put(FILE *out, char sign, const struct lines *lines, size_t from, size_t to)
{
    for (; from < to; from++)
        fprintf(out, "%c%.*s\n", sign, (int)lines->line[from].length, lines->line[from].start);
}

/* Lengths of the longest common tails of the middle parts, as diff(1) has it. */
static void put_middle(FILE *out, const struct lines *a, const struct lines *b, size_t from,
                       size_t a_end, size_t b_end)
{
    size_t rows = a_end - from + 1, columns = b_end - from + 1, i = 0, j = 0;
    uint32_t *table = rows * columns <= TABLE_MAX ? calloc(rows * columns, sizeof(*table)) : NULL;

    if (!table) {
        put(out, '-', a, from, a_end);
        put(out, '+', b, from, b_end);
        return;
    }
    for (size_t row = rows - 1; row-- > 0;)
        for (size_t column = columns - 1; column-- > 0;) {
            uint32_t *at = &table[row * columns + column];

            if (same(&a->line[from + row], &b->line[from + column]))
                *at = at[columns + 1] + 1;
            else
                *at = at[columns] > at[1] ? at[columns] : at[1];
        }
    while (i < rows - 1 || j < columns - 1) {
        const uint32_t *at = &table[i * columns + j];

        if (i < rows - 1 && j < columns - 1 && same(&a->line[from + i], &b->line[from + j])) {
            put(out, ' ', a, from + i, from + i + 1);
            i++;
            j++;
        } else if (i < rows - 1 && (j == columns - 1 || at[columns] >= at[1])) {
            put(out, '-', a, from + i, from + i + 1);
            i++;
        } else {
            put(out, '+', b, from + j, from + j + 1);
            j++;
        }
    }
    free(table);
}

static bool compare(const struct lines *a, const struct lines *b, FILE *out)
{
    size_t head = 0, tail = 0, shorter = a->count < b->count ? a->count : b->count, shown;

    while (head < shorter && same(&a->line[head], &b->line[head]))
        head++;
    if (head == a->count && head == b->count)
        return true;
    while (tail < shorter - head &&
           same(&a->line[a->count - 1 - tail], &b->line[b->count - 1 - tail]))
        tail++;
    shown = head > CONTEXT ? head - CONTEXT : 0;
    fprintf(out, "--- expected\n+++ traced\n@@ -%zu +%zu @@\n", shown + 1, shown + 1);
    put(out, ' ', a, shown, head);
    put_middle(out, a, b, head, a->count - tail, b->count - tail);
    put(out, ' ', a, a->count - tail, a->count - tail + (tail < CONTEXT ? tail : CONTEXT));
    return false;
}

int rs_lines_compare(const char *expected, const char *got, FILE *out)
{
    struct lines a = {0}, b = {0};
    int result = -1;

    if (read_expected(expected, &a) == 0 &&
        read_got(got, names(&a, "IRQ "), names(&a, "#PF"), &b) == 0) {
        if (a.count == 1 && is(&a.line[0], "none"))
            a.count = 0;
        result = (a.count == 1 && is(&a.line[0], "any")) || compare(&a, &b, out);
    }
    free(a.line);
    free(b.line);
    return result;
}

/* Of what does not come by the way. */
static bool plain_names(const char *got, const char *word)
{
    for (const char *next = got; *next;) {
        size_t length = strcspn(next, "\n");

        if (*next == RS_LINE_PLAIN && memmem(next, length, word, strlen(word)))
            return true;
        next += length + (next[length] == '\n');
    }
    return false;
}

void rs_lines_put_golden(const char *got, FILE *out)
{
    bool interrupts = plain_names(got, "IRQ "), page_faults = plain_names(got, "#PF"), any = false;

    for (const char *next = got; *next;) {
        size_t length = strcspn(next, "\n");
        bool wanted = *next == RS_LINE_PLAIN || (*next == RS_LINE_INTERRUPT && interrupts) ||
                      (*next == RS_LINE_PAGE_FAULT && page_faults);

        if (length > 1 && wanted) {
            fprintf(out, "%.*s\n", (int)length - 1, next + 1);
            any = true;
        }
        next += length + (next[length] == '\n');
    }
    if (!any)
        fputs("none\n", out);
}
