/* SPDX-License-Identifier: MIT
 * Results as JUnit XML, as CI servers read it: a <testsuite> for each host. */
#include "report.h"

#include <string.h>

static void put_escaped(FILE *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        switch (text[i]) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default: /* XML 1.0 has no other control characters, and bytes of a guest are no UTF-8 */
            fputc(text[i] == '\n' || text[i] == '\t' || (text[i] >= ' ' && text[i] < 127) ? text[i]
                                                                                          : '?',
                  out);
        }
    }
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    put_escaped(out, value, strlen(value));
    fputc('"', out);
}

static void put_outcome(FILE *out, const struct rs_result *result)
{
    static const char *const elements[] = {
        [RS_OUTCOME_FAIL] = "failure",  [RS_OUTCOME_ERROR] = "error",
        [RS_OUTCOME_SKIP] = "skipped",  [RS_OUTCOME_XFAIL] = "skipped", /* as pytest has them */
        [RS_OUTCOME_XPASS] = "failure",
    };

    if (result->outcome == RS_OUTCOME_PASS)
        return;
    fprintf(out, "      <%s", elements[result->outcome]);
    if (result->outcome == RS_OUTCOME_XFAIL || result->outcome == RS_OUTCOME_XPASS)
        put_attribute(out, "type", rs_outcome_text(result->outcome));
    put_attribute(out, "message", result->detail);
    if (!result->texts[RS_TEXT_DIFFERENCE].bytes) {
        fprintf(out, "/>\n");
        return;
    }
    fputc('>', out);
    put_escaped(out, result->texts[RS_TEXT_DIFFERENCE].bytes,
                result->texts[RS_TEXT_DIFFERENCE].size);
    fprintf(out, "</%s>\n", elements[result->outcome]);
}

static void put_case(FILE *out, const struct rs_report_line *line)
{
    const struct rs_result *result = &line->result;

    fprintf(out, "    <testcase");
    put_attribute(out, "name", line->name);
    put_attribute(out, "classname", line->kind);
    fprintf(out, " time=\"%.6f\">\n", result->seconds);
    put_outcome(out, result);
    if (result->console && result->console_size > 0 && result->outcome != RS_OUTCOME_PASS) {
        fprintf(out, "      <system-out>");
        put_escaped(out, result->console, result->console_size);
        fprintf(out, "</system-out>\n");
    }
    fprintf(out, "    </testcase>\n");
}

struct totals {
    unsigned tests, outcomes[RS_OUTCOME_COUNT];
    double seconds;
};

static struct totals total(const struct rs_report *report, const char *host)
{
    struct totals totals = {0};

    for (size_t i = 0; i < report->count; i++) {
        if (host && strcmp(report->lines[i].host, host) != 0)
            continue;
        totals.tests++;
        totals.outcomes[report->lines[i].result.outcome]++;
        totals.seconds += report->lines[i].result.seconds;
    }
    return totals;
}

static void put_totals(FILE *out, const struct totals *totals)
{
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.6f\"",
            totals->tests, totals->outcomes[RS_OUTCOME_FAIL] + totals->outcomes[RS_OUTCOME_XPASS],
            totals->outcomes[RS_OUTCOME_ERROR],
            totals->outcomes[RS_OUTCOME_SKIP] + totals->outcomes[RS_OUTCOME_XFAIL],
            totals->seconds);
}

static bool is_first_of_host(const struct rs_report *report, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(report->lines[i].host, report->lines[index].host) == 0)
            return false;
    return true;
}

static void put_host(FILE *out, const struct rs_report *report, const char *host)
{
    struct totals totals = total(report, host);

    fprintf(out, "  <testsuite");
    put_attribute(out, "name", host);
    put_totals(out, &totals);
    fprintf(out, ">\n");
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->lines[i].host, host) == 0)
            put_case(out, &report->lines[i]);
    fprintf(out, "  </testsuite>\n");
}

int rs_report_write_junit(const struct rs_report *report, FILE *out)
{
    struct totals totals = total(report, NULL);

    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ringscope\"");
    put_totals(out, &totals);
    fprintf(out, ">\n");
    for (size_t i = 0; i < report->count; i++)
        if (is_first_of_host(report, i))
            put_host(out, report, report->lines[i].host);
    fprintf(out, "</testsuites>\n");
    return 0;
}
