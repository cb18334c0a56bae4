/* SPDX-License-Identifier: MIT
 * Results as TAP 14: https://testanything.org/tap-version-14-specification.html */
#include "report.h"

#include <string.h>

static const char *const first_words[] = {
#define X(name, text, tap, directive) tap,
    RS_OUTCOMES(X)
#undef X
};
static const char *const directives[] = {
#define X(name, text, tap, directive) directive,
    RS_OUTCOMES(X)
#undef X
};

void rs_report_put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '#' || *text == '\\')
            fputc('\\', out);
        fputc(*text >= ' ' && *text < 127 ? *text : '?', out);
    }
}

/* A YAML block below the line, as TAP 14 has it: single-quoted scalars. */
static void put_scalar(FILE *out, const char *name, const char *value)
{
    fprintf(out, "  %s: '", name);
    for (; *value; value++) {
        if (*value == '\'')
            fputc('\'', out);
        fputc(*value >= ' ' && *value < 127 ? *value : '?', out);
    }
    fprintf(out, "'\n");
}

static void put_block(FILE *out, const char *name, const char *bytes, size_t size)
{
    bool begins = true;

    if (!bytes || size == 0)
        return;
    fprintf(out, "  %s: |\n", name);
    for (size_t i = 0; i < size; i++) {
        if (begins && bytes[i] != '\n')
            fprintf(out, "    ");
        begins = bytes[i] == '\n';
        fputc(bytes[i] == '\n' || (bytes[i] >= ' ' && bytes[i] < 127) ? bytes[i] : '?', out);
    }
    if (!begins)
        fputc('\n', out);
}

static void put_line(FILE *out, size_t number, const struct rs_report_line *line)
{
    const struct rs_result *result = &line->result;

    fprintf(out, "%s %zu - ", first_words[result->outcome], number);
    rs_report_put_text(out, line->name);
    fprintf(out, " @");
    rs_report_put_text(out, line->host);
    if (directives[result->outcome][0]) {
        fprintf(out, " # %s%s ", directives[result->outcome],
                result->outcome == RS_OUTCOME_XFAIL   ? " XFAIL"
                : result->outcome == RS_OUTCOME_XPASS ? " XPASS"
                                                      : "");
        rs_report_put_text(out, result->detail);
    }
    fputc('\n', out);
    if (result->outcome == RS_OUTCOME_PASS || result->outcome == RS_OUTCOME_SKIP)
        return;
    fprintf(out, "  ---\n");
    put_scalar(out, "outcome", rs_outcome_text(result->outcome));
    put_scalar(out, "message", result->detail);
    fprintf(out, "  duration_ms: %.3f\n", result->seconds * 1e3);
    if (line->artefacts)
        put_scalar(out, "artefacts", line->artefacts);
    put_block(out, "difference", result->texts[RS_TEXT_DIFFERENCE].bytes,
              result->texts[RS_TEXT_DIFFERENCE].size);
    put_block(out, "console", result->console, result->console_size);
    fprintf(out, "  ...\n");
}

int rs_report_write_tap(const struct rs_report *report, FILE *out)
{
    fprintf(out, "TAP version 14\n1..%zu\n", report->count);
    for (size_t i = 0; i < report->count; i++)
        put_line(out, i + 1, &report->lines[i]);
    return 0;
}
