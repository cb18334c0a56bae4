/* SPDX-License-Identifier: MIT
 * Results as JSON, and read from it: docs/test-report.schema.json. */
#include "report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_NAME "ringscope-test"
#define FORMAT_VERSION 2

/* Bytes of a guest become text: JSON strings are UTF-8. */
static json_t *text_of(const char *bytes, size_t size)
{
    char *text = malloc(size + 1);
    json_t *value;

    if (!text)
        return NULL;
    for (size_t i = 0; i < size; i++)
        text[i] = bytes[i] == '\n' || bytes[i] == '\t' || (bytes[i] >= ' ' && bytes[i] < 127)
                      ? bytes[i]
                      : '?';
    value = json_stringn(text, size);
    free(text);
    return value;
}

static json_t *string_of(const char *text)
{
    return text_of(text, strlen(text));
}

static int set(json_t *line, const char *key, json_t *value)
{
    return json_object_set_new(line, key, value ? value : json_null());
}

static json_t *line_of(const struct rs_report_line *line)
{
    static const char *const keys[] = {
#define X(name, key, text) key,
        RS_RESULT_TEXTS(X)
#undef X
    };
    const struct rs_result *result = &line->result;
    bool good = result->outcome == RS_OUTCOME_PASS;
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:s, s:o, s:f, s:i, s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:b}", "name",
        string_of(line->name), "host", string_of(line->host), "kind", string_of(line->kind),
        "outcome", rs_outcome_text(result->outcome), "detail", string_of(result->detail), "seconds",
        result->seconds, "attempts", (int)result->attempts, "claims", "pass", (int)result->passed,
        "fail", (int)result->failed, "error", (int)result->broken, "skip", (int)result->skipped,
        "xfail", (int)result->expected_failed, "xpass", (int)result->unexpected_passed,
        "console_cut", result->console_cut);

    if (!json)
        return NULL;
    set(json, "console",
        good || !result->console ? NULL : text_of(result->console, result->console_size));
    set(json, "artefacts", line->artefacts ? string_of(line->artefacts) : NULL);
    for (unsigned i = 0; i < RS_TEXT_COUNT; i++)
        set(json, keys[i],
            result->texts[i].bytes ? text_of(result->texts[i].bytes, result->texts[i].size) : NULL);
    return json;
}

static json_t *lines_of(const struct rs_report *report)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < report->count; i++) {
        json_t *line = line_of(&report->lines[i]);

        if (!line || json_array_append_new(lines, line) != 0) {
            json_decref(lines);
            return NULL;
        }
    }
    return lines;
}

static json_t *totals_of(const struct rs_report *report)
{
    json_t *totals = json_object();

    for (unsigned i = 0; totals && i < RS_OUTCOME_COUNT; i++)
        json_object_set_new(totals, rs_outcome_text((enum rs_outcome)i),
                            json_integer(rs_report_total(report, (enum rs_outcome)i)));
    return totals;
}

int rs_report_write_json(const struct rs_report *report, FILE *out)
{
    json_t *root;
    int result;

    root = json_pack("{s:s, s:i, s:f, s:o, s:o}", "format", FORMAT_NAME, "version", FORMAT_VERSION,
                     "seconds", report->seconds, "totals", totals_of(report), "results",
                     lines_of(report));
    if (!root)
        return -1;
    result = json_dumpf(root, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(root);
    return result;
}

static bool find_outcome(const char *text, enum rs_outcome *outcome)
{
    for (unsigned i = 0; i < RS_OUTCOME_COUNT; i++) {
        if (strcmp(text, rs_outcome_text((enum rs_outcome)i)) == 0) {
            *outcome = (enum rs_outcome)i;
            return true;
        }
    }
    return false;
}

static bool is_there(const struct rs_report *report, const char *name, const char *host)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->lines[i].name, name) == 0 && strcmp(report->lines[i].host, host) == 0)
            return true;
    return false;
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static int read_texts(json_t *line, struct rs_result *result)
{
    static const char *const keys[] = {
#define X(name, key, text) key,
        RS_RESULT_TEXTS(X)
#undef X
    };
    const char *console = json_string_value(json_object_get(line, "console"));

    result->console = strdup(console ? console : "");
    result->console_size = result->console ? (uint32_t)strlen(result->console) : 0;
    for (unsigned i = 0; i < RS_TEXT_COUNT; i++) {
        const char *text = json_string_value(json_object_get(line, keys[i]));
        char *bytes = text ? strdup(text) : NULL;

        if (text && !bytes)
            return -1;
        if (bytes)
            rs_result_set_text(result, (enum rs_result_text_kind)i, bytes, strlen(bytes));
    }
    return result->console ? 0 : -1;
}

static int read_line(struct rs_report *report, const char *path, json_t *line,
                     struct rs_error *error)
{
    const char *name, *host, *kind, *outcome, *detail;
    int attempts, cut, counts[6];
    struct rs_result result = {0};
    json_error_t wrong;

    if (json_unpack_ex(line, &wrong, 0,
                       "{s:s, s:s, s:s, s:s, s:s, s:F, s:i, s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:b}",
                       "name", &name, "host", &host, "kind", &kind, "outcome", &outcome, "detail",
                       &detail, "seconds", &result.seconds, "attempts", &attempts, "claims", "pass",
                       &counts[0], "fail", &counts[1], "error", &counts[2], "skip", &counts[3],
                       "xfail", &counts[4], "xpass", &counts[5], "console_cut", &cut) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "'%s': not a report of ringscope test: %s", path,
                            wrong.text);
    if (!find_outcome(outcome, &result.outcome))
        return rs_error_set(error, RS_EXIT_IMAGE, "'%s': outcome '%.40s' is none", path, outcome);
    if (is_there(report, name, host))
        return rs_error_set(error, RS_EXIT_USAGE,
                            "'%s': test '%.100s' on %.20s was in a file before", path, name, host);
    copy(result.detail, sizeof(result.detail), detail);
    result.attempts = (unsigned)attempts;
    result.passed = (unsigned)counts[0];
    result.failed = (unsigned)counts[1];
    result.broken = (unsigned)counts[2];
    result.skipped = (unsigned)counts[3];
    result.expected_failed = (unsigned)counts[4];
    result.unexpected_passed = (unsigned)counts[5];
    result.console_cut = cut;
    if (read_texts(line, &result) != 0 ||
        rs_report_add(report, name, host, kind,
                      json_string_value(json_object_get(line, "artefacts")), &result) != 0) {
        rs_result_free(&result);
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    }
    return 0;
}

static int read_file(struct rs_report *report, const char *path, struct rs_error *error)
{
    json_error_t wrong;
    json_t *root = json_load_file(path, 0, &wrong), *lines = NULL, *line;
    const char *format = "";
    double seconds = 0;
    int version = 0, result = 0;
    size_t index;

    if (!root)
        return rs_error_set(error, RS_EXIT_IMAGE, "'%s': %s (line %d)", path, wrong.text,
                            wrong.line);
    if (json_unpack(root, "{s:s, s:i, s:F, s:o}", "format", &format, "version", &version, "seconds",
                    &seconds, "results", &lines) != 0 ||
        strcmp(format, FORMAT_NAME) != 0 || version != FORMAT_VERSION || !json_is_array(lines)) {
        json_decref(root);
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "'%s': not a report of ringscope test --format json", path);
    }
    json_array_foreach(lines, index, line) if (result == 0) result =
        read_line(report, path, line, error);
    report->seconds = seconds > report->seconds ? seconds : report->seconds;
    json_decref(root);
    return result;
}

/* What is wrong may quote the file, and the file may hold anything. */
int rs_report_read(struct rs_report *report, const char *path, struct rs_error *error)
{
    int result = read_file(report, path, error);

    for (char *c = error->message; result != 0 && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    return result;
}
