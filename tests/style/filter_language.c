/* SPDX-License-Identifier: MIT
 * Prints the tables of docs/filter.md from those that make the language. */
#include "trace/filter_fields.h"

#include <ctype.h>
#include <ringscope/event.h>
#include <ringscope/nt/services.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ENTRY_TEXT "entry"
#define RETURN_TEXT "return"
#define POINT_TEXT "point"

static void print_fields(void)
{
    static const struct {
        const char *name, *values, *scope, *text;
    } fields[] = {
#define SCOPE_ENTRY ""
#define SCOPE_EVERY ""
#define SCOPE_RETURN "returns: "
#define X(field, name, domain, scope, values, text) {name, values, SCOPE_##scope, text},
        RS_FILTER_FIELDS(X)
#undef X
    };
    static const struct {
        const char *name, *field;
    } aliases[] = {
#define X(name, field) {name, #field},
        RS_FILTER_ALIASES(X)
#undef X
    };

    printf("| field | values | what |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        printf("| `%s`", fields[i].name);
        for (size_t j = 0; j < sizeof(aliases) / sizeof(aliases[0]); j++)
            if (strcasecmp(aliases[j].field, fields[i].name) == 0)
                printf(", `%s`", aliases[j].name);
        printf(" | %s | %s%s |\n", fields[i].values, fields[i].scope, fields[i].text);
    }
}

/* Alone, it asks whether an event has the field. */
static bool is_field(const char *name)
{
#define ALONE_ENTRY true
#define ALONE_RETURN true
#define ALONE_EVERY false
#define X(field, word, domain, scope, values, text)                                                \
    if (ALONE_##scope && strcasecmp(name, word) == 0)                                              \
        return true;
    RS_FILTER_FIELDS(X)
#undef X
    return false;
}

static void print_lower(const char *text)
{
    for (; *text; text++)
        putchar(tolower((unsigned char)*text));
}

static void print_words(void)
{
    static const struct {
        const char *name, *text, *direction;
    } kinds[] = {
#define X(kind, group, direction, text) {#kind, text, direction##_TEXT},
        RS_EVENT_KINDS(X)
#undef X
    };

    printf("| word | in trace lines | direction |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        printf("| `");
        print_lower(kinds[i].text);
        if (strcasecmp(kinds[i].text, kinds[i].name) != 0 && !is_field(kinds[i].name)) {
            printf("`, `");
            print_lower(kinds[i].name);
        }
        printf("` | %s | `%s` |\n", kinds[i].text, kinds[i].direction);
    }
}

static void print_classes(void)
{
    static const struct {
        const char *name, *title;
    } classes[] = {
#define X(class, name, title) {name, title},
        RS_SERVICE_CLASSES(X)
#undef X
    };
    static const struct {
        const char *name;
        unsigned class;
    } services[] = {
#define X(number, name, args, class, arguments) {#name, RS_SERVICE_CLASS_##class},
        RS_SERVICES(X)
#undef X
    };

    printf("| class | about | services |\n|---|---|---|\n");
    for (unsigned i = 0; i < RS_SERVICE_CLASS_COUNT; i++) {
        const char *separator = "";

        printf("| `%s` | %s | ", classes[i].name, classes[i].title);
        for (size_t j = 0; j < sizeof(services) / sizeof(services[0]); j++) {
            if (services[j].class == i) {
                printf("%s%s", separator, services[j].name);
                separator = ", ";
            }
        }
        printf(" |\n");
    }
}

int main(void)
{
    print_fields();
    print_words();
    print_classes();
    return 0;
}
