/* SPDX-License-Identifier: MIT
 * --gate: parsing and judging. */
#include "gate.h"

#include "items.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const stat_names[] = {
#define X(name, text, field) text,
    RS_BENCH_GATE_STATS(X)
#undef X
};

struct parser {
    const char *text, *at;
    struct rs_bench_gate_error *error;
};

static __attribute__((format(printf, 2, 3))) int fail(struct parser *parser, const char *format,
                                                      ...)
{
    va_list arguments;

    parser->error->column = (size_t)(parser->at - parser->text);
    va_start(arguments, format);
    vsnprintf(parser->error->message, sizeof(parser->error->message), format, arguments);
    va_end(arguments);
    return -1;
}

static void skip_blanks(struct parser *parser)
{
    while (isspace((unsigned char)*parser->at))
        parser->at++;
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* A word, if it stands here and ends where it should. */
static bool accept_word(struct parser *parser, const char *word)
{
    size_t length = strlen(word);

    skip_blanks(parser);
    if (strncmp(parser->at, word, length) != 0 || in_name(parser->at[length]))
        return false;
    parser->at += length;
    return true;
}

static int parse_item(struct parser *parser, struct rs_bench_gate_term *term)
{
    size_t length = 0;

    while (in_name(parser->at[length]))
        length++;
    if (length == 0)
        return fail(parser, "an item is wanted here, such as syscall");
    if (length >= sizeof(term->item))
        return fail(parser, "no item has so long a name");
    memcpy(term->item, parser->at, length);
    term->item[length] = '\0';
    if (!rs_bench_item_find(term->item))
        return fail(parser, "there is no item '%s': ringscope bench --list tells them", term->item);
    parser->at += length;
    return 0;
}

/* The longer of two that begin alike stands first in the table. */
static int parse_stat(struct parser *parser, struct rs_bench_gate_term *term)
{
    for (unsigned i = 0; i < RS_BENCH_GATE_STAT_COUNT; i++) {
        size_t length = strlen(stat_names[i]);

        if (strncmp(parser->at, stat_names[i], length) != 0 || in_name(parser->at[length]))
            continue;
        parser->at += length;
        term->stat = (enum rs_bench_gate_stat)i;
        return 0;
    }
    return fail(parser, "a figure is wanted here: min, p50, p90, p99, p99.9 or max");
}

static int parse_operator(struct parser *parser, struct rs_bench_gate_term *term)
{
    skip_blanks(parser);
    if (*parser->at != '<' && *parser->at != '>')
        return fail(parser, "one of < <= > >= is wanted here");
    term->less = *parser->at++ == '<';
    term->equal = *parser->at == '=';
    parser->at += term->equal;
    return 0;
}

/* Digits and at most a point: no sign, no exponent, nothing of strtod's other words. */
static int parse_number(struct parser *parser, struct rs_bench_gate_term *term)
{
    size_t length = strspn(parser->at, "0123456789.");
    char *end;

    if (length == 0)
        return fail(parser, "a number or `baseline` is wanted here");
    term->number = strtod(parser->at, &end);
    if (end != parser->at + length || !isfinite(term->number))
        return fail(parser, "this is no number");
    parser->at = end;
    return 0;
}

static int parse_limit(struct parser *parser, struct rs_bench_gate *gate,
                       struct rs_bench_gate_term *term)
{
    skip_blanks(parser);
    term->number = 1;
    term->unit = RS_BENCH_GATE_CYCLES;
    if (accept_word(parser, "baseline")) {
        term->unit = RS_BENCH_GATE_BASELINE;
    } else {
        if (parse_number(parser, term) != 0)
            return -1;
        skip_blanks(parser);
        if (*parser->at == '*') {
            parser->at++;
            if (!accept_word(parser, "baseline"))
                return fail(parser, "`baseline` is wanted behind *");
            term->unit = RS_BENCH_GATE_BASELINE;
        } else if (accept_word(parser, "ns")) {
            term->unit = RS_BENCH_GATE_NS;
        } else {
            (void)accept_word(parser, "cycles");
        }
    }
    gate->uses_baseline |= term->unit == RS_BENCH_GATE_BASELINE;
    return 0;
}

static int parse_term(struct parser *parser, struct rs_bench_gate *gate)
{
    struct rs_bench_gate_term *term = &gate->terms[gate->count];

    skip_blanks(parser);
    if (gate->count == RS_BENCH_GATE_TERMS_MAX)
        return fail(parser, "a gate has at most %d conditions", RS_BENCH_GATE_TERMS_MAX);
    *term = (struct rs_bench_gate_term){.start = (size_t)(parser->at - parser->text)};
    if (parse_item(parser, term) != 0)
        return -1;
    if (*parser->at != '.')
        return fail(parser, "a point and a figure are wanted behind the item, such as .p50");
    parser->at++;
    if (parse_stat(parser, term) != 0 || parse_operator(parser, term) != 0 ||
        parse_limit(parser, gate, term) != 0)
        return -1;
    term->length = (size_t)(parser->at - parser->text) - term->start;
    gate->count++;
    return 0;
}

int rs_bench_gate_parse(struct rs_bench_gate *gate, const char *text,
                        struct rs_bench_gate_error *error)
{
    struct parser parser = {text, text, error};

    *gate = (struct rs_bench_gate){.text = text};
    do {
        if (parse_term(&parser, gate) != 0)
            return -1;
    } while (accept_word(&parser, "and"));
    skip_blanks(&parser);
    return *parser.at ? fail(&parser, "`and` or the end is wanted here") : 0;
}

static double figure(const struct rs_bench_row *row, enum rs_bench_gate_stat stat)
{
    const double figures[] = {
#define X(name, text, field) row->statistics.field,
        RS_BENCH_GATE_STATS(X)
#undef X
    };

    return figures[stat];
}

/* Why there is no figure; NULL: there is one. */
static const char *missing(const struct rs_bench_row *row)
{
    return !row ? "it was not measured" : row->skipped[0] ? row->skipped : NULL;
}

static bool judge_term(const struct rs_bench_gate *gate, const struct rs_bench_gate_term *term,
                       const struct rs_bench_result *result, const struct rs_bench_result *baseline,
                       FILE *out)
{
    const struct rs_bench_row *row = rs_bench_result_find(result, term->item), *before = NULL;
    const char *why = missing(row);
    double value, limit = term->number;
    bool holds;

    fprintf(out, "gate %.*s: ", (int)term->length, gate->text + term->start);
    if (!why && term->unit == RS_BENCH_GATE_BASELINE) {
        before = baseline ? rs_bench_result_find(baseline, term->item) : NULL;
        why = missing(before);
        if (why)
            fprintf(out, "baseline: ");
    }
    if (why) {
        fprintf(out, "DOES NOT HOLD (%s)\n", why);
        return false;
    }
    value = figure(row, term->stat);
    if (term->unit == RS_BENCH_GATE_NS)
        value = rs_bench_ns(result, value);
    if (before)
        limit *= figure(before, term->stat);
    holds = term->less ? value < limit : value > limit;
    holds |= term->equal && value == limit;
    fprintf(out, "%.1f %s%s %.1f %s: %s\n", value, term->less ? "<" : ">", term->equal ? "=" : "",
            limit, term->unit == RS_BENCH_GATE_NS ? "ns" : "cycles",
            holds ? "holds" : "DOES NOT HOLD");
    return holds;
}

bool rs_bench_gate_judge(const struct rs_bench_gate *gate, const struct rs_bench_result *result,
                         const struct rs_bench_result *baseline, FILE *out)
{
    bool all = true;

    for (unsigned i = 0; i < gate->count; i++)
        all &= judge_term(gate, &gate->terms[i], result, baseline, out);
    return all;
}
