/* SPDX-License-Identifier: MIT
 * Views: columns as wide as what is in them, no blanks at the end of a line. */
#include "inspect/view.h"
#include "unit.h"

static char *printed(const struct rs_view *view)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(out);
    rs_view_print(view, out);
    fclose(out);
    return text;
}

START_TEST(columns_are_aligned)
{
    static const char *const columns[] = {"a", "value", "note", NULL};
    struct rs_view view;
    char *text;

    rs_view_init(&view, "things");
    rs_view_caption(&view, "%d of them", 2);
    rs_view_columns(&view, columns);
    rs_view_cell(&view, "first");
    rs_view_quadword(&view, 0xfffff80140000000);
    rs_view_cell(&view, "%s", "");
    rs_view_cell(&view, "2");
    rs_view_cell(&view, "%s", "");
    rs_view_cell(&view, "seen");
    text = printed(&view);
    ck_assert_str_eq(text, "things: 2 of them\n"
                           "a      value              note\n"
                           "first  fffff801`40000000\n"
                           "2                         seen\n");
    free(text);
    rs_view_free(&view);
}
END_TEST

START_TEST(a_view_without_rows_is_its_caption)
{
    static const char *const columns[] = {"a", NULL};
    struct rs_view view;
    char *text;

    rs_view_init(&view, "nothing");
    rs_view_columns(&view, columns);
    rs_view_caption(&view, "here");
    text = printed(&view);
    ck_assert_str_eq(text, "nothing: here\n");
    free(text);
    rs_view_free(&view);
}
END_TEST

/* As many rows as the largest table has. */
START_TEST(many_rows_are_kept)
{
    static const char *const columns[] = {"number", NULL};
    struct rs_view view;

    rs_view_init(&view, "many");
    rs_view_columns(&view, columns);
    for (int i = 0; i < 4096; i++)
        rs_view_cell(&view, "%d", i);
    ck_assert(!view.failed);
    ck_assert_uint_eq(view.cell_count, 4096);
    ck_assert_str_eq(view.cells[4095], "4095");
    rs_view_free(&view);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("view");

    UNIT_ADD(suite, columns_are_aligned);
    UNIT_ADD(suite, a_view_without_rows_is_its_caption);
    UNIT_ADD(suite, many_rows_are_kept);
    return unit_run(suite);
}
