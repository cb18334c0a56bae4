/* SPDX-License-Identifier: MIT
 * The list of tests of kvm-unit-tests. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#define TESTS_MAX 4096
#define SMP_MAX 1024

struct parser {
    const char *name;
    unsigned line;
    struct rs_kut_config *config;
    struct rs_error *error;
};

static int wrong(const struct parser *parser, const char *what, const char *text)
{
    return rs_error_set(parser->error, RS_EXIT_IMAGE, "%s:%u: %s: %.80s", parser->name,
                        parser->line, what, text);
}

static int add_test(struct parser *parser, char *line)
{
    static const struct rs_kut_test empty = {"", "", "", "", "", "", "", "", "", "", "", 1};
    struct rs_kut_config *config = parser->config;
    char *end = strchr(line, ']');
    struct rs_kut_test *tests;

    if (!end || end[1] || end == line + 1)
        return wrong(parser, "a test's name stands in brackets", line);
    if (config->count == TESTS_MAX)
        return wrong(parser, "more tests than a list has", line);
    *end = '\0';
    tests = realloc(config->tests, (config->count + 1) * sizeof(*tests));
    if (!tests)
        return rs_error_set(parser->error, RS_EXIT_HOST, "out of memory");
    config->tests = tests;
    tests[config->count] = empty;
    tests[config->count++].name = line + 1;
    return 0;
}

static int set_smp(struct parser *parser, struct rs_kut_test *test, const char *value)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    if (end == value || *end || number < 1 || number > SMP_MAX)
        return wrong(parser, "smp is a number of processors", value);
    test->smp = (unsigned)number;
    return 0;
}

static int set(struct parser *parser, const char *key, const char *value)
{
    struct rs_kut_test *test;

    if (parser->config->count == 0)
        return wrong(parser, "a key before the first test", key);
    test = &parser->config->tests[parser->config->count - 1];
    if (strcmp(key, "smp") == 0)
        return set_smp(parser, test, value);
    const struct {
        const char *key;
        const char **field;
    } fields[] = {
        {"file", &test->file},
        {"test_args", &test->args},
        {"qemu_params", &test->params},
        {"extra_params", &test->params},
        {"arch", &test->arch},
        {"machine", &test->machine},
        {"check", &test->check},
        {"accel", &test->accel},
        {"timeout", &test->timeout},
        {"groups", &test->groups},
        {"disabled_if", &test->disabled_if},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strcmp(key, fields[i].key) == 0)
            *fields[i].field = value;
    return 0;
}

static char *trim(char *text)
{
    char *end;

    text += strspn(text, " \t");
    end = text + strlen(text);
    while (end > text && strchr(" \t\r", end[-1]))
        *--end = '\0';
    return text;
}

static int parse_line(struct parser *parser, char *line)
{
    char *equals;

    line = trim(line);
    if (*line == '\0' || *line == '#')
        return 0;
    if (*line == '[')
        return add_test(parser, line);
    equals = strchr(line, '=');
    if (!equals)
        return wrong(parser, "neither [name] nor key = value", line);
    *equals = '\0';
    return set(parser, trim(line), trim(equals + 1));
}

int rs_kut_config_parse(const char *name, const char *text, size_t size,
                        struct rs_kut_config *config, struct rs_error *error)
{
    struct parser parser = {.name = name, .config = config, .error = error};
    char *line, *end;

    *config = (struct rs_kut_config){0};
    if (memchr(text, '\0', size))
        return rs_error_set(error, RS_EXIT_IMAGE, "%s is not a text", name);
    config->text = strndup(text, size);
    if (!config->text)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    for (line = config->text; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end)
            *end++ = '\0';
        parser.line++;
        if (parse_line(&parser, line) != 0)
            return -1;
    }
    if (config->count == 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s: there is no test in it", name);
    return 0;
}

void rs_kut_config_free(struct rs_kut_config *config)
{
    free(config->text);
    free(config->tests);
    *config = (struct rs_kut_config){0};
}
