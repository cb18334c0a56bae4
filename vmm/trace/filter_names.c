/* SPDX-License-Identifier: MIT
 * The names in filter expressions: tables, look-up, and the nearest one to a misspelt name. */
#include "trace/filter_names.h"

#include <ringscope/nt/services.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct rs_filter_name services[] = {
#define X(number, name, args, class, arguments) {#name, (number)},
    RS_SERVICES(X)
#undef X
};

/* NMI is the one interrupt that exception= covers. */
#define IS_INTERRUPT(vector, class)                                                                \
    (RS_VECTOR_CLASS_##class == RS_VECTOR_CLASS_INTERRUPT && (vector) != RS_VECTOR_NMI)
/* A row of the other table keeps its place, with a name that no text has. */
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    {IS_INTERRUPT(vector, class) ? "" : #mnemonic, (vector)},
static const struct rs_filter_name exceptions[] = {RS_VECTORS(X)};
#undef X
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    {IS_INTERRUPT(vector, class) ? #mnemonic : "", (vector)},
static const struct rs_filter_name interrupts[] = {RS_VECTORS(X)};
#undef X

static const struct rs_filter_name msrs[] = {
#define X(name, index, hooked, title) {#name, (index)},
    RS_MSRS(X)
#undef X
};

#define NAMES(table) .names = (table), .name_count = sizeof(table) / sizeof((table)[0])

const struct rs_filter_kind_info rs_filter_kinds[RS_FILTER_KIND_COUNT] = {
    [RS_FILTER_SYSCALL] = {.name = "syscall",
                           .noun = "service",
                           .maximum = RS_SERVICE_INDEX_MASK | 1 << RS_SERVICE_TABLE_SHIFT,
                           .exact_case = true,
                           NAMES(services)},
    [RS_FILTER_EXCEPTION] = {.name = "exception",
                             .noun = "exception",
                             .maximum = RS_VECTOR_COUNT - 1,
                             NAMES(exceptions)},
    [RS_FILTER_INTERRUPT] = {.name = "interrupt",
                             .noun = "interrupt",
                             .maximum = RS_VECTOR_COUNT - 1,
                             NAMES(interrupts)},
    [RS_FILTER_MSR] = {.name = "msr", .noun = "MSR", .maximum = UINT32_MAX, NAMES(msrs)},
};

static bool has_prefix(struct rs_filter_text text, const char *prefix)
{
    size_t length = strlen(prefix);

    return text.length > length && strncasecmp(text.start, prefix, length) == 0;
}

struct rs_filter_text rs_filter_strip(enum rs_filter_kind kind, struct rs_filter_text text)
{
    size_t cut = 0;

    if (kind == RS_FILTER_EXCEPTION && has_prefix(text, "#"))
        cut = 1;
    else if (kind == RS_FILTER_MSR && has_prefix(text, "MSR_"))
        cut = 4;
    else if (kind == RS_FILTER_MSR && has_prefix(text, "IA32_"))
        cut = 5;
    return (struct rs_filter_text){text.start + cut, text.length - cut};
}

bool rs_filter_lookup(const struct rs_filter_kind_info *kind, struct rs_filter_text text,
                      uint32_t *value)
{
    for (size_t i = 0; i < kind->name_count; i++) {
        const char *name = kind->names[i].name;

        if (strlen(name) != text.length)
            continue;
        if (kind->exact_case ? strncmp(name, text.start, text.length) == 0
                             : strncasecmp(name, text.start, text.length) == 0) {
            *value = kind->names[i].value;
            return true;
        }
    }
    return false;
}

#define NEAREST_LENGTH_MAX 48

static size_t minimum(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edit distance, letter case apart (Levenshtein), one row of the matrix at a time. */
static size_t distance(struct rs_filter_text text, const char *name)
{
    size_t row[NEAREST_LENGTH_MAX + 1];

    for (size_t i = 0; i <= text.length; i++)
        row[i] = i;
    for (size_t j = 0; name[j] != '\0'; j++) {
        size_t diagonal = row[0];

        row[0] = j + 1;
        for (size_t i = 0; i < text.length; i++) {
            size_t replaced = diagonal + (same_letter(text.start[i], name[j]) ? 0 : 1);

            diagonal = row[i + 1];
            row[i + 1] = minimum(replaced, minimum(row[i], row[i + 1]) + 1);
        }
    }
    return row[text.length];
}

const char *rs_filter_nearest(const struct rs_filter_kind_info *kind, struct rs_filter_text text)
{
    const char *nearest = NULL;
    size_t best = 2 + text.length / 8; /* one mistake, and one more for each eight letters */

    if (text.length > NEAREST_LENGTH_MAX)
        return NULL;
    for (size_t i = 0; i < kind->name_count; i++) {
        size_t found = distance(text, kind->names[i].name);

        /* A name of which no letter is right is not near. */
        if (found < best && found < text.length) {
            best = found;
            nearest = kind->names[i].name;
        }
    }
    return nearest;
}
