/* SPDX-License-Identifier: MIT
 * The environment in the metadata of a trace. The text is not trusted. */
#include "environment.h"

#include <string.h>

#define BEGIN "\nenv {\n"
#define END "\n};"

char *rs_ctf_environment(const char *metadata)
{
    const char *begin = strstr(metadata, BEGIN);
    const char *end;

    if (!begin)
        return strdup("");
    begin += strlen(BEGIN);
    end = strstr(begin - 1, END);
    return end && end > begin ? strndup(begin, (size_t)(end - begin)) : strdup("");
}

/* `    name = "value";` or `    name = 1;` */
static bool parse(const char *line, const char *end, struct rs_ctf_variable *variable)
{
    size_t length;
    char stop;

    line += strspn(line, " \t");
    length = strcspn(line, " =\n");
    if (length == 0 || length >= sizeof(variable->name) || line + length > end)
        return false;
    memcpy(variable->name, line, length);
    variable->name[length] = '\0';
    line += length;
    if (end - line < 3 || memcmp(line, " = ", 3) != 0)
        return false;
    line += 3;
    stop = *line == '"' ? '"' : ';';
    line += stop == '"';
    variable->size = 0;
    for (; line < end && *line != stop; line++) {
        if (*line == '\\' && line + 1 < end)
            line++;
        if (variable->size < RS_CTF_VARIABLE_MAX)
            variable->value[variable->size++] = *line;
    }
    variable->value[variable->size] = '\0';
    return true;
}

bool rs_ctf_environment_next(const char **at, struct rs_ctf_variable *variable)
{
    while (**at) {
        const char *line = *at;
        const char *end = line + strcspn(line, "\n");

        *at = *end ? end + 1 : end;
        if (parse(line, end, variable))
            return true;
    }
    return false;
}

bool rs_ctf_environment_find(const char *environment, const char *name,
                             struct rs_ctf_variable *variable)
{
    while (rs_ctf_environment_next(&environment, variable))
        if (strcmp(variable->name, name) == 0)
            return true;
    variable->size = 0;
    variable->value[0] = '\0';
    return false;
}
