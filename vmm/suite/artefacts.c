/* SPDX-License-Identifier: MIT
 * What is kept of tests that did not pass. */
#include "artefacts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int put_file(const char *directory, const char *name, const void *bytes, size_t size,
                    struct rs_error *error)
{
    char path[4096];
    FILE *file;
    bool written;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = fopen(path, "we");
    if (!file)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "'%s'", path);
    written = fwrite(bytes, 1, size, file) == size;
    if (fclose(file) != 0 || !written)
        return rs_error_set(error, RS_EXIT_OUTPUT, "'%s' cannot be written", path);
    return 0;
}

static int make_directory(const char *path, struct rs_error *error)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "'%s'", path);
}

static int put_texts(const char *directory, const struct rs_result *result, struct rs_error *error)
{
    static const char *const names[] = {
#define X(name, key, text) key,
        RS_RESULT_TEXTS(X)
#undef X
    };

    for (unsigned i = 0; i < RS_TEXT_COUNT; i++)
        if (i != RS_TEXT_TRANSITIONS && result->texts[i].bytes &&
            put_file(directory, names[i], result->texts[i].bytes, result->texts[i].size, error) !=
                0)
            return -1;
    return 0;
}

bool rs_artefacts_wanted(const struct rs_result *result)
{
    return result->outcome != RS_OUTCOME_PASS && result->outcome != RS_OUTCOME_SKIP;
}

int rs_artefacts_keep(const char *directory, const char *name, const char *host,
                      const struct rs_result *result, char *path, size_t size,
                      struct rs_error *error)
{
    char outcome[RS_DETAIL_MAX + 64], *part;

    snprintf(path, size, "%s/", directory);
    part = path + strlen(path);
    snprintf(part, size - (size_t)(part - path), "%s@%s", name, host);
    for (; *part; part++) /* a path is one name, and never "." or ".." */
        if (*part == '/' || *part == '.')
            *part = '_';
    snprintf(outcome, sizeof(outcome), "%s: %s\n", rs_outcome_text(result->outcome),
             result->detail);
    if (make_directory(directory, error) != 0 || make_directory(path, error) != 0 ||
        put_file(path, "console", result->console ? result->console : "", result->console_size,
                 error) != 0 ||
        put_texts(path, result, error) != 0)
        return -1;
    return put_file(path, "outcome", outcome, strlen(outcome), error);
}
