/* SPDX-License-Identifier: MIT
 * Results of suites. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

void rs_report_free(struct rs_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->lines[i].name);
        free(report->lines[i].host);
        free(report->lines[i].kind);
        free(report->lines[i].artefacts);
        rs_result_free(&report->lines[i].result);
    }
    free(report->lines);
    *report = (struct rs_report){0};
}

unsigned rs_report_total(const struct rs_report *report, enum rs_outcome outcome)
{
    unsigned total = 0;

    for (size_t i = 0; i < report->count; i++)
        total += report->lines[i].result.outcome == outcome;
    return total;
}

int rs_report_add(struct rs_report *report, const char *name, const char *host, const char *kind,
                  const char *artefacts, const struct rs_result *result)
{
    struct rs_report_line *lines =
        realloc(report->lines, (report->count + 1) * sizeof(*report->lines));
    struct rs_report_line *line;

    if (!lines)
        return -1;
    report->lines = lines;
    line = &lines[report->count++];
    *line = (struct rs_report_line){
        .name = strdup(name),
        .host = strdup(host),
        .kind = strdup(kind),
        .artefacts = artefacts ? strdup(artefacts) : NULL,
        .result = *result,
    };
    return line->name && line->host && line->kind && (line->artefacts || !artefacts) ? 0 : -1;
}

int rs_report_write(const struct rs_report *report, enum rs_report_format format, FILE *out)
{
    static int (*const writers[])(const struct rs_report *, FILE *) = {
        [RS_REPORT_TAP] = rs_report_write_tap,
        [RS_REPORT_JUNIT] = rs_report_write_junit,
        [RS_REPORT_JSON] = rs_report_write_json,
    };

    if (writers[format](report, out) != 0)
        return -1;
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
