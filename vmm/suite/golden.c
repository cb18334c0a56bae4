/* SPDX-License-Identifier: MIT
 * Golden files: the transitions of a test as they are to be. */
#include "golden.h"

#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN_MAX (UINT32_C(16) << 20)

static void path_of(const char *directory, const char *name, char *path, size_t size)
{
    char *part;

    snprintf(path, size, "%s/", directory);
    part = path + strlen(path);
    snprintf(part, size - (size_t)(part - path), "%s", name);
    for (; *part; part++)
        if (*part == '/' || *part == '.')
            *part = '_';
    snprintf(part, size - (size_t)(part - path), ".trace");
}

static int write_golden(const char *path, const char *got, struct rs_error *error)
{
    FILE *file = fopen(path, "we");
    bool failed;

    if (!file)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "golden file '%s'", path);
    rs_lines_put_golden(got, file);
    failed = ferror(file);
    if (fclose(file) != 0 || failed)
        return rs_error_set(error, RS_EXIT_OUTPUT, "golden file '%s' cannot be written", path);
    return 0;
}

/* NULL with errno ENOENT: there is none. The caller frees it. */
static char *read_golden(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size;

    if (!file)
        return NULL;
    text = malloc(GOLDEN_MAX);
    size = text ? fread(text, 1, GOLDEN_MAX - 1, file) : 0;
    if (text)
        text[size] = '\0';
    fclose(file);
    return text;
}

static void fail(struct rs_result *result, const char *path, char *difference, size_t size)
{
    result->outcome = RS_OUTCOME_FAIL;
    result->failed++;
    snprintf(result->detail, sizeof(result->detail), "not the transitions of %.200s", path);
    rs_result_set_text(result, RS_TEXT_DIFFERENCE, difference, size);
}

static int compare(const char *path, const char *golden, struct rs_result *result,
                   struct rs_error *error)
{
    char *difference = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&difference, &size);
    int same = out ? rs_lines_compare(golden, result->texts[RS_TEXT_TRANSITIONS].bytes, out) : -1;

    if (out)
        fclose(out);
    if (same == 0 && difference) {
        fail(result, path, difference, size);
        return 0;
    }
    free(difference);
    result->passed += same == 1;
    return same == 1 ? 0 : rs_error_set(error, RS_EXIT_HOST, "out of memory");
}

int rs_golden_judge(const char *directory, const char *name, bool update, struct rs_result *result,
                    struct rs_error *error)
{
    char path[4096], *golden;
    int status;

    if (result->outcome != RS_OUTCOME_PASS)
        return 0;
    path_of(directory, name, path, sizeof(path));
    if (!result->texts[RS_TEXT_TRANSITIONS].bytes)
        return rs_error_set(error, RS_EXIT_HOST, "test '%.100s' has not been traced", name);
    if (update)
        return write_golden(path, result->texts[RS_TEXT_TRANSITIONS].bytes, error);
    golden = read_golden(path);
    if (!golden && errno != ENOENT)
        return rs_error_errno(error, RS_EXIT_IMAGE, errno, "golden file '%s'", path);
    if (!golden) {
        result->outcome = RS_OUTCOME_ERROR;
        result->broken++;
        snprintf(result->detail, sizeof(result->detail),
                 "there is no golden file %.150s: --update writes it", path);
        return 0;
    }
    status = compare(path, golden, result, error);
    free(golden);
    return status;
}
