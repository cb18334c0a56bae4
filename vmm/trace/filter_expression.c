/* SPDX-License-Identifier: MIT
 * Parsing an expression into a program. docs/filter.md has the grammar. */
#include <ctype.h>
#include <string.h>

#include "trace/filter_internal.h"

struct parser {
    struct rs_filter_scan scan;
    const char *at; /* what has not been parsed */
    unsigned nesting;
    struct rs_filter_program *program;
};

#define FAIL(parser, where, ...) rs_filter_fail(&(parser)->scan, (where), __VA_ARGS__)

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

static void skip_blanks(struct parser *parser)
{
    while (is_blank(*parser->at))
        parser->at++;
}

/* The letters, digits and '_' from here on. */
static struct rs_filter_text peek_word(const struct parser *parser)
{
    struct rs_filter_text word = {.start = parser->at};

    while (isalnum((unsigned char)word.start[word.length]) || word.start[word.length] == '_')
        word.length++;
    return word;
}

static bool take(struct parser *parser, const char *symbol)
{
    if (strncmp(parser->at, symbol, strlen(symbol)) != 0)
        return false;
    parser->at += strlen(symbol);
    return true;
}

/* An operator: a word or a symbol. */
static bool take_operator(struct parser *parser, const char *word, const char *symbol)
{
    struct rs_filter_text text;

    skip_blanks(parser);
    text = peek_word(parser);
    if (!rs_filter_is_word(text, word))
        return take(parser, symbol);
    parser->at += text.length;
    return true;
}

/* There is always room: RS_FILTER_CODE_MAX. */
static void emit(struct rs_filter_program *program, unsigned code)
{
    if (code == RS_FILTER_NOT && program->code[program->code_count - 1] == RS_FILTER_NOT)
        program->code_count--;
    else
        program->code[program->code_count++] = (uint8_t)code;
}

/* The test and its ranges become part of the program. */
static int emit_test(struct parser *parser, const char *where, struct rs_filter_test test,
                     struct rs_filter_set *set)
{
    struct rs_filter_program *program = parser->program;

    if (program->test_count == RS_FILTER_TESTS_MAX)
        return FAIL(parser, where, "more than %d tests", RS_FILTER_TESTS_MAX);
    rs_filter_set_normalize(set);
    if (set->count > RS_FILTER_VALUES_MAX - program->range_count)
        return FAIL(parser, where, "more than %d values", RS_FILTER_VALUES_MAX);
    test.first_range = (uint16_t)program->range_count;
    test.range_count = (uint16_t)set->count;
    memcpy(&program->ranges[program->range_count], set->ranges,
           set->count * sizeof(set->ranges[0]));
    program->range_count += set->count;
    if (test.own || (test.field < RS_FILTER_FIELD_COUNT && rs_filter_fields[test.field].at_return))
        program->at_return |= UINT64_C(1) << program->test_count;
    program->tells_direction |= test.own;
    program->tests[program->test_count] = test;
    emit(program, program->test_count++);
    return 0;
}

static int parse_list(struct parser *parser, enum rs_filter_field field, struct rs_filter_set *set)
{
    struct rs_filter_range range;

    do {
        struct rs_filter_text value;

        skip_blanks(parser);
        value = (struct rs_filter_text){parser->at, strcspn(parser->at, " \t\n\r,()&|<>=")};
        if (rs_filter_parse_value(&parser->scan, field, value, &range) != 0)
            return -1;
        if (!rs_filter_set_add(set, range.first, range.last))
            return FAIL(parser, value.start, "more than %d values", RS_FILTER_SET_MAX);
        parser->at += value.length;
    } while (take(parser, ","));
    return 0;
}

/* What is below or above a value, as a range. */
static int parse_bound(struct parser *parser, enum rs_filter_field field, bool below, bool equal,
                       struct rs_filter_set *set)
{
    uint64_t maximum = rs_filter_domain(field)->maximum;
    struct rs_filter_set value = {0};
    struct rs_filter_range bound;
    const char *start;

    skip_blanks(parser);
    start = parser->at;
    if (parse_list(parser, field, &value) != 0)
        return -1;
    bound = value.ranges[0];
    if (value.count > 1)
        return FAIL(parser, start, "one value is compared, not several");
    if (below && (equal || bound.first > 0))
        rs_filter_set_add(set, 0, equal ? bound.last : bound.first - 1);
    if (!below && (equal || bound.last < maximum))
        rs_filter_set_add(set, equal ? bound.first : bound.last + 1, maximum);
    return 0;
}

static bool is_ordered(enum rs_filter_field field)
{
    return field != RS_FILTER_CLASS && field != RS_FILTER_DEVIATION;
}

/* Behind '=' or '!=': `all` and `none`, or a list; '!' turns it over. */
static int parse_values(struct parser *parser, struct rs_filter_test *test,
                        struct rs_filter_set *set)
{
    struct rs_filter_text word;

    skip_blanks(parser);
    while (take(parser, "!"))
        test->negated = !test->negated;
    skip_blanks(parser);
    word = peek_word(parser);
    if (!rs_filter_is_word(word, "all") && !rs_filter_is_word(word, "none"))
        return parse_list(parser, (enum rs_filter_field)test->field, set);
    if (rs_filter_is_word(word, "all"))
        rs_filter_set_add(set, 0, rs_filter_domain((enum rs_filter_field)test->field)->maximum);
    parser->at += word.length;
    if (*parser->at == ',')
        return FAIL(parser, word.start, "'%.*s' must be the only value", QUOTED(word));
    return 0;
}

static int parse_field(struct parser *parser, enum rs_filter_field field, const char *where)
{
    struct rs_filter_test test = {.field = (uint8_t)field};
    struct rs_filter_set set = {0};
    const char *comparison;
    int result;

    skip_blanks(parser);
    comparison = parser->at;
    if (take(parser, "<=") || take(parser, "<") || take(parser, ">=") || take(parser, ">")) {
        if (!is_ordered(field) || rs_filter_fields[field].domain == RS_FILTER_DOMAIN_NONE)
            return FAIL(parser, comparison, "'%s' has no order: = and != compare it",
                        rs_filter_fields[field].name);
        result = parse_bound(parser, field, *comparison == '<', comparison[1] == '=', &set);
    } else if (take(parser, "!=") || take(parser, "==") || take(parser, "=")) {
        if (rs_filter_fields[field].domain == RS_FILTER_DOMAIN_NONE)
            return FAIL(parser, comparison, "'%s' has no values: it stands alone",
                        rs_filter_fields[field].name);
        test.negated = *comparison == '!';
        result = parse_values(parser, &test, &set);
    } else {
        test.present = true;
        result = 0;
    }
    return result != 0 ? -1 : emit_test(parser, where, test, &set);
}

/* A word for kinds of events. */
static int parse_kinds(struct parser *parser, uint64_t kinds, bool own, const char *where)
{
    struct rs_filter_test test = {.field = RS_FILTER_KIND, .own = own};
    struct rs_filter_set set = {0};

    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++)
        if (kinds >> kind & 1)
            rs_filter_set_add(&set, kind, kind);
    return emit_test(parser, where, test, &set);
}

static int fail_word(struct parser *parser, struct rs_filter_text word)
{
    if (word.length == 0 && *parser->at == '\0')
        return FAIL(parser, parser->at, "a test is missing at the end");
    if (word.length == 0)
        return FAIL(parser, parser->at, "a test is missing before '%c'",
                    isprint((unsigned char)*parser->at) ? *parser->at : '?');
    return rs_filter_fail_word(&parser->scan, word);
}

/* '=', '!=', '<' and so on come next. */
static bool is_compared(struct parser *parser)
{
    skip_blanks(parser);
    return *parser->at == '=' || *parser->at == '<' || *parser->at == '>' ||
           strncmp(parser->at, "!=", 2) == 0;
}

static int parse_test(struct parser *parser)
{
    struct rs_filter_text word = peek_word(parser);
    int field = rs_filter_field_named(word);
    uint64_t kinds = 0;
    bool own = false;

    if (word.length > 0)
        rs_filter_kinds_named(word, &kinds, &own);
    if (field < 0 && kinds == 0)
        return fail_word(parser, word);
    parser->at += word.length;
    if (field >= 0 && !(rs_filter_fields[field].everywhere && kinds && !is_compared(parser)))
        return parse_field(parser, (enum rs_filter_field)field, word.start);
    if (is_compared(parser))
        return FAIL(parser, parser->at, "'%.*s' is a kind of event: it has no values",
                    QUOTED(word));
    return parse_kinds(parser, kinds, own, word.start);
}

static int parse_or(struct parser *parser);

/* {not} (test | "(" expression ")") */
static int parse_factor(struct parser *parser)
{
    bool negated = false;
    const char *open;

    while (take_operator(parser, "not", "!"))
        negated = !negated;
    skip_blanks(parser);
    open = parser->at;
    if (take(parser, "(")) {
        if (parser->nesting == RS_FILTER_NESTING_MAX)
            return FAIL(parser, open, "more than %d parentheses inside each other",
                        RS_FILTER_NESTING_MAX);
        parser->nesting++;
        if (parse_or(parser) != 0)
            return -1;
        skip_blanks(parser);
        if (*parser->at != '\0' && *parser->at != ')')
            return FAIL(parser, parser->at, "'and' or 'or' is missing here");
        if (!take(parser, ")"))
            return FAIL(parser, open, "this '(' is not closed");
        parser->nesting--;
    } else if (parse_test(parser) != 0) {
        return -1;
    }
    if (negated)
        emit(parser->program, RS_FILTER_NOT);
    return 0;
}

static int parse_and(struct parser *parser)
{
    if (parse_factor(parser) != 0)
        return -1;
    while (take_operator(parser, "and", "&&")) {
        if (parse_factor(parser) != 0)
            return -1;
        emit(parser->program, RS_FILTER_AND);
    }
    return 0;
}

static int parse_or(struct parser *parser)
{
    if (parse_and(parser) != 0)
        return -1;
    while (take_operator(parser, "or", "||")) {
        if (parse_and(parser) != 0)
            return -1;
        emit(parser->program, RS_FILTER_OR);
    }
    return 0;
}

static int parse_all(struct parser *parser)
{
    bool joined = parser->program->code_count > 0;

    if (parse_or(parser) != 0)
        return -1;
    skip_blanks(parser);
    if (*parser->at == ')')
        return FAIL(parser, parser->at, "this ')' was not opened");
    if (*parser->at != '\0')
        return FAIL(parser, parser->at, "'and' or 'or' is missing here");
    if (joined)
        emit(parser->program, RS_FILTER_AND);
    return 0;
}

int rs_filter_expression(struct rs_filter *filter, const char *expression,
                         const struct rs_filter_symbols *symbols, struct rs_filter_error *error)
{
    struct rs_filter changed = *filter;
    struct parser parser = {
        .scan = {.expression = expression, .symbols = symbols, .error = error},
        .at = expression,
        .program = &changed.program,
    };

    if (parse_all(&parser) != 0)
        return -1;
    if (!rs_filter_arm(&changed))
        return FAIL(&parser, expression, "too many separate MSR ranges: at most %d",
                    RS_FILTER_MSR_RANGES_MAX);
    *filter = changed;
    return 0;
}
