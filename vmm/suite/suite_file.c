/* SPDX-License-Identifier: MIT
 * Suite files: a test a line, notes before it, arguments behind it. */
#include "bundle/bundle.h"
#include "discover.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 8 /* of suite files that name suite files */

const char *rs_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* "needs=ID,ID; xfail=ID; ends=HOW", which `text` is cut into. */
static int read_annotations(struct rs_named *place, const char *suite, char *text,
                            struct rs_error *error)
{
    char *part;

    while ((part = strsep(&text, ";")) != NULL) {
        char *value = strchr(part, '=');

        part += strspn(part, " \t");
        if (value)
            *value++ = '\0';
        if (value && strcmp(part, "needs") == 0)
            place->needs = value;
        else if (value && strcmp(part, "xfail") == 0)
            place->xfail = value;
        else if (value && strcmp(part, "ends") == 0)
            place->ends = value;
        else
            return rs_error_set(error, RS_EXIT_USAGE,
                                "suite '%s': [%.40s]: one of needs=ID,... xfail=ID,... ends=HOW",
                                suite, part);
    }
    return 0;
}

/* Moves *line behind what stands in brackets before a test. */
static int skip_annotations(struct rs_named *place, const char *suite, char **line,
                            struct rs_error *error)
{
    while (**line == '[') {
        char *end = strchr(*line, ']');

        if (!end)
            return rs_error_set(error, RS_EXIT_USAGE, "suite '%s': '%.40s': no ']'", suite, *line);
        *end = '\0';
        if (read_annotations(place, suite, *line + 1, error) != 0)
            return -1;
        *line = end + 1 + strspn(end + 1, " \t");
    }
    return 0;
}

/* A line names a path relative to the suite file, or a bundled program. */
static int add_line(struct rs_suite *suite, const struct rs_named *around, char *line,
                    struct rs_error *error)
{
    struct rs_named place = {.depth = around->depth + 1};
    char path[4096], *end;

    line[strcspn(line, "#\r")] = '\0';
    line += strspn(line, " \t");
    for (size_t length = strlen(line); length > 0 && strchr(" \t", line[length - 1]); length--)
        line[length - 1] = '\0';
    if (skip_annotations(&place, around->path, &line, error) != 0)
        return -1;
    if (!*line)
        return 0;
    end = line + strcspn(line, " \t");
    if (*end) {
        *end++ = '\0';
        place.arguments = end + strspn(end, " \t");
    }
    place.path = line;
    if (*line != '/' && (strchr(line, '/') || !rs_bundle_program(line))) {
        snprintf(path, sizeof(path), "%.*s%s", (int)(rs_base_name(around->path) - around->path),
                 around->path, line);
        place.path = path;
    }
    return rs_suite_add_place(suite, &place, error);
}

int rs_suite_add_file(struct rs_suite *suite, const struct rs_named *place, char *text,
                      struct rs_error *error)
{
    char *rest = text, *line;

    if (place->arguments)
        return rs_error_set(error, RS_EXIT_USAGE, "suite '%s' takes no arguments", place->path);
    if (place->depth >= DEPTH_MAX)
        return rs_error_set(error, RS_EXIT_USAGE, "suite '%s': suites name each other",
                            place->path);
    while ((line = strsep(&rest, "\n")) != NULL)
        if (add_line(suite, place, line, error) != 0)
            return -1;
    return 0;
}
