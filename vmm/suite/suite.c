/* SPDX-License-Identifier: MIT
 * A suite: choosing among its tests. */
#include "suite.h"

#include "kinds.h"
#include "machine/boot.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const char *rs_outcome_text(enum rs_outcome outcome)
{
    static const char *const texts[] = {
#define X(name, text, tap, directive) text,
        RS_OUTCOMES(X)
#undef X
    };

    return texts[outcome];
}

static void free_test(struct rs_test *test)
{
    free(test->name);
    free(test->path);
    free(test->line);
    free(test->bytes);
    free(test->needs);
    free(test->xfail);
    free(test->ends);
}

void rs_result_free(struct rs_result *result)
{
    free(result->console);
    result->console = NULL;
    for (unsigned i = 0; i < RS_TEXT_COUNT; i++) {
        free(result->texts[i].bytes);
        result->texts[i] = (struct rs_result_text){0};
    }
}

void rs_result_set_text(struct rs_result *result, enum rs_result_text_kind kind, char *bytes,
                        size_t size)
{
    static const char cut[] = "\n# the rest is left out\n";
    struct rs_result_text *text = &result->texts[kind];

    free(text->bytes);
    if (size > RS_TEXT_MAX) {
        size = RS_TEXT_MAX;
        memcpy(bytes + size - sizeof(cut), cut, sizeof(cut));
        size--;
    }
    *text = (struct rs_result_text){(uint32_t)size, bytes};
}

void rs_suite_free(struct rs_suite *suite)
{
    for (size_t i = 0; i < suite->count; i++)
        free_test(&suite->tests[i]);
    free(suite->tests);
    *suite = (struct rs_suite){0};
}

static bool is_meant(const char *name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(name, words[i]) || fnmatch(words[i], name, 0) == 0)
            return true;
    return count == 0;
}

void rs_suite_select(struct rs_suite *suite, const char *const *words, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < suite->count; i++) {
        if (is_meant(suite->tests[i].name, words, count))
            suite->tests[kept++] = suite->tests[i];
        else
            free_test(&suite->tests[i]);
    }
    suite->count = kept;
}

void rs_suite_shard(struct rs_suite *suite, unsigned part, unsigned of)
{
    size_t kept = 0;

    for (size_t i = 0; i < suite->count; i++) {
        if (i % of == part - 1)
            suite->tests[kept++] = suite->tests[i];
        else
            free_test(&suite->tests[i]);
    }
    suite->count = kept;
}

static unsigned find_layout(const struct rs_suite *suite, size_t index)
{
    const struct rs_test *test = &suite->tests[index];

    for (size_t i = 0; i < index; i++)
        if (suite->tests[i].layout == i && suite->tests[i].kind == test->kind &&
            rs_boot_same_image(&suite->tests[i].file, &test->file))
            return (unsigned)i;
    return (unsigned)index;
}

void rs_suite_find_layouts(struct rs_suite *suite)
{
    for (size_t i = 0; i < suite->count; i++) {
        suite->tests[i].layout = find_layout(suite, i);
        suite->tests[suite->tests[i].layout].layout_size++;
    }
    for (size_t i = 0; i < suite->count; i++)
        suite->tests[i].layout_size = suite->tests[suite->tests[i].layout].layout_size;
}
