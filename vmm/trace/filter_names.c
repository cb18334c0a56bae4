/* SPDX-License-Identifier: MIT
 * The names in filters: tables, look-up, and the nearest one to a misspelt name. */
#include "trace/filter_names.h"

#include <ringscope/nt/services.h>
#include <ringscope/nt/status.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define ONE(value)                                                                                 \
    {                                                                                              \
        (uint32_t)(value), (uint32_t)(value)                                                       \
    }

static const struct rs_filter_name services[] = {
#define X(number, name, args, class, arguments) {#name, ONE(number)},
    RS_SERVICES(X)
#undef X
};

static const struct rs_filter_name classes[] = {
#define X(class, name, title) {name, ONE(RS_SERVICE_CLASS_##class)},
    RS_SERVICE_CLASSES(X)
#undef X
};

/* NMI is the one interrupt that exception= covers. */
#define IS_INTERRUPT(vector, class)                                                                \
    (RS_VECTOR_CLASS_##class == RS_VECTOR_CLASS_INTERRUPT && (vector) != RS_VECTOR_NMI)
/* A row of the other table keeps its place, with a name that no text has. */
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    {IS_INTERRUPT(vector, class) ? "" : #mnemonic, ONE(vector)},
static const struct rs_filter_name exceptions[] = {RS_VECTORS(X)};
#undef X
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
    {IS_INTERRUPT(vector, class) ? #mnemonic : "", ONE(vector)},
static const struct rs_filter_name interrupts[] = {RS_VECTORS(X)};
#undef X
#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title) {#mnemonic, ONE(vector)},
static const struct rs_filter_name vectors[] = {RS_VECTORS(X)};
#undef X

static const struct rs_filter_name msrs[] = {
#define X(name, index, hooked, title) {#name, ONE(index)},
    RS_MSRS(X)
#undef X
};

/* NT_SUCCESS(status) is what the first bit says. */
static const struct rs_filter_name statuses[] = {{"successful", {0, INT32_MAX}},
                                                 {"failed", {(uint32_t)INT32_MIN, UINT32_MAX}},
#define X(name, value) {&#name[sizeof("STATUS_") - 1], ONE(value)},
                                                 RS_NTSTATUSES(X)
#undef X
};

static const struct rs_filter_name deviations[] = {
#define X(name, text) {#name, ONE(RS_DEVIATION_BIT_##name)},
    RS_DEVIATIONS(X)
#undef X
};

#define NAMES(table) .names = (table), .name_count = sizeof(table) / sizeof((table)[0])
#define NAMES_NONE
#define NAMES_SERVICE NAMES(services), .exact_case = true
#define NAMES_CLASS NAMES(classes)
#define NAMES_EXCEPTION NAMES(exceptions), .prefixes = {"#"}
#define NAMES_INTERRUPT NAMES(interrupts)
#define NAMES_VECTOR NAMES(vectors), .prefixes = {"#"}
#define NAMES_MSR NAMES(msrs), .prefixes = {"MSR_", "IA32_"}
#define NAMES_STATUS NAMES(statuses), .prefixes = {"STATUS_"}
#define NAMES_DEVIATION NAMES(deviations)
#define NAMES_CPL
#define NAMES_IST
#define NAMES_DEPTH
#define NAMES_VCPU
#define NAMES_ERROR
#define NAMES_NUMBER
#define NAMES_ADDRESS
#define NAMES_DURATION

const struct rs_filter_domain rs_filter_domains[RS_FILTER_DOMAIN_COUNT] = {
#define X(domain, noun_, maximum_)                                                                 \
    [RS_FILTER_DOMAIN_##domain] = {.noun = (noun_), .maximum = (maximum_), NAMES_##domain},
    RS_FILTER_DOMAINS(X)
#undef X
};

#define AT_RETURN_ENTRY false
#define AT_RETURN_EVERY false
#define AT_RETURN_RETURN true
#define EVERYWHERE_ENTRY false
#define EVERYWHERE_EVERY true
#define EVERYWHERE_RETURN false

const struct rs_filter_field_info rs_filter_fields[RS_FILTER_FIELD_COUNT] = {
#define X(field, name, domain, scope, values, text)                                                \
    {name, RS_FILTER_DOMAIN_##domain, AT_RETURN_##scope, EVERYWHERE_##scope},
    RS_FILTER_FIELDS(X)
#undef X
};

bool rs_filter_is_word(struct rs_filter_text text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.start, word, text.length) == 0;
}

struct rs_filter_text rs_filter_strip(const struct rs_filter_domain *domain,
                                      struct rs_filter_text text)
{
    for (size_t i = 0; i < sizeof(domain->prefixes) / sizeof(domain->prefixes[0]); i++) {
        const char *prefix = domain->prefixes[i];
        size_t length = prefix ? strlen(prefix) : 0;

        if (length > 0 && text.length > length && strncasecmp(text.start, prefix, length) == 0)
            return (struct rs_filter_text){text.start + length, text.length - length};
    }
    return text;
}

bool rs_filter_lookup(const struct rs_filter_domain *domain, struct rs_filter_text text,
                      struct rs_filter_range *range)
{
    for (size_t i = 0; i < domain->name_count; i++) {
        const char *name = domain->names[i].name;

        if (rs_filter_is_word(text, name) &&
            (!domain->exact_case || memcmp(name, text.start, text.length) == 0)) {
            *range = domain->names[i].range;
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

/* The nearest of the names that are offered one after the other. */
struct nearest {
    struct rs_filter_text text;
    const char *name;
    size_t best;
};

static struct nearest nearest_to(struct rs_filter_text text)
{
    /* One mistake, and one more for each eight letters. */
    return (struct nearest){text, NULL, 2 + text.length / 8};
}

static void offer(struct nearest *nearest, const char *name)
{
    size_t found;

    if (nearest->text.length > NEAREST_LENGTH_MAX)
        return;
    found = distance(nearest->text, name);
    /* A name of which no letter is right is not near. */
    if (found < nearest->best && found < nearest->text.length) {
        nearest->best = found;
        nearest->name = name;
    }
}

const char *rs_filter_nearest(const struct rs_filter_domain *domain, struct rs_filter_text text)
{
    struct nearest nearest = nearest_to(text);

    for (size_t i = 0; i < domain->name_count; i++)
        offer(&nearest, domain->names[i].name);
    return nearest.name;
}

static const struct {
    const char *name;
    enum rs_filter_field field;
} aliases[] = {
#define X(name, field) {name, RS_FILTER_##field},
    RS_FILTER_ALIASES(X)
#undef X
};

int rs_filter_field_named(struct rs_filter_text text)
{
    for (int field = 0; field < RS_FILTER_FIELD_COUNT; field++)
        if (rs_filter_is_word(text, rs_filter_fields[field].name))
            return field;
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (rs_filter_is_word(text, aliases[i].name))
            return (int)aliases[i].field;
    return -1;
}

/* Words for kinds: what each is called, and the kinds that it stands for. */
#define ENTRY_OWN false
#define RETURN_OWN true
#define POINT_OWN false

static const struct {
    const char *name, *text, *group, *direction;
    bool own;
} kinds[] = {
#define X(kind, group, direction, text) {#kind, text, #group, #direction, direction##_OWN},
    RS_EVENT_KINDS(X)
#undef X
};

_Static_assert(RS_EVENT_KIND_COUNT <= 64, "a bit for each kind of event");

bool rs_filter_kinds_named(struct rs_filter_text text, uint64_t *found, bool *own)
{
    uint64_t named = 0, grouped = 0, directed = 0;

    *own = false;
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        uint64_t bit = UINT64_C(1) << kind;

        if (rs_filter_is_word(text, kinds[kind].name) ||
            rs_filter_is_word(text, kinds[kind].text)) {
            named |= bit;
            *own |= kinds[kind].own;
        }
        if (rs_filter_is_word(text, kinds[kind].group))
            grouped |= bit;
        if (rs_filter_is_word(text, kinds[kind].direction))
            directed |= bit;
    }
    *own |= !named && !grouped && directed;
    *found = named ? named : grouped ? grouped : directed;
    return *found != 0;
}

const char *rs_filter_nearest_word(struct rs_filter_text text)
{
    struct nearest nearest = nearest_to(text);

    for (int field = 0; field < RS_FILTER_FIELD_COUNT; field++)
        offer(&nearest, rs_filter_fields[field].name);
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
        offer(&nearest, aliases[i].name);
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        offer(&nearest, kinds[kind].text);
        offer(&nearest, kinds[kind].group);
        offer(&nearest, kinds[kind].direction);
    }
    return nearest.name;
}
