/* SPDX-License-Identifier: MIT
 * The doctor's report as a table. */
#include "doctor.h"

#include <string.h>

#define INDENT 11
#define STATUS_WIDTH 8

static const char *const colours[RS_STATUS_COUNT] = {
    [RS_STATUS_OK] = "\033[32m",
    [RS_STATUS_DEPARTS] = "\033[1;31m",
    [RS_STATUS_ABSENT] = "\033[33m",
    [RS_STATUS_SKIP] = "\033[2m",
};
#define FAINT "\033[2m"
#define PLAIN "\033[0m"

struct report {
    FILE *out;
    struct rs_report_style style;
};

static void put_coloured(const struct report *report, const char *colour, int width,
                         const char *text)
{
    fprintf(report->out, "%s%-*s%s", report->style.colour ? colour : "", width, text,
            report->style.colour ? PLAIN : "");
}

static void put_reference(const struct report *report, const struct rs_claim *claim)
{
    fprintf(report->out, "%s[%s]%s\n", report->style.colour ? FAINT : "", claim->reference,
            report->style.colour ? PLAIN : "");
}

static void put_header(const struct report *report, const struct rs_examination *examination)
{
    fprintf(report->out, "ringscope doctor: Linux %s, the guest's processor follows %s\n",
            examination->host.release,
            examination->guest_vendor == RS_VENDOR_AMD ? "AMD" : "Intel");
    if (examination->emulated)
        fprintf(report->out, "This machine is itself emulated: what it does is the emulator's "
                             "doing, too.\n");
}

static void put_difference(const struct report *report, const struct rs_difference *difference)
{
    fprintf(report->out, "%*s%s: expected %s, got %s\n", INDENT, "", difference->field,
            difference->expected, difference->got);
}

static int id_width(const struct rs_group *group)
{
    size_t width = 0;

    for (size_t i = 0; i < group->count; i++)
        if (strlen(group->claims[i].id) > width)
            width = strlen(group->claims[i].id);
    return (int)width;
}

static void put_finding(const struct report *report, const struct rs_finding *finding, int width)
{
    const struct rs_claim *claim = finding->claim;
    bool quiet = finding->difference_count > 0 ||
                 (finding->status == RS_STATUS_OK && !report->style.verbose);

    fprintf(report->out, "  ");
    put_coloured(report, colours[finding->status], STATUS_WIDTH, rs_status_text(finding->status));
    fprintf(report->out, " %-*s  %s  ", width, claim->id, claim->text);
    put_reference(report, claim);
    for (unsigned i = 0; i < finding->difference_count; i++)
        put_difference(report, &finding->differences[i]);
    if (!quiet && finding->observed[0])
        fprintf(report->out, "%*s%s\n", INDENT, "", finding->observed);
}

static void put_findings(const struct report *report, const struct rs_examination *examination)
{
    const struct rs_finding *finding = examination->findings;

    for (size_t group = 0; group < rs_group_count; group++) {
        fprintf(report->out, "\n%s\n", rs_groups[group]->title);
        for (size_t i = 0; i < rs_groups[group]->count; i++)
            put_finding(report, finding++, id_width(rs_groups[group]));
    }
}

static void put_repair(const struct report *report, uint32_t needs)
{
    const char *separator = "--repair=on puts right: ";
    const char *name;
    uint32_t bit;

    if (!needs)
        fprintf(report->out, "--repair=on has nothing to put right");
    for (unsigned i = 0; (name = rs_need_name(i, &bit)); i++) {
        if (needs & bit) {
            fprintf(report->out, "%s%s", separator, name);
            separator = "; ";
        }
    }
    fprintf(report->out, "\n");
}

static void put_hooks(const struct report *report, const struct rs_examination *examination)
{
    fprintf(report->out, "an exit by a hook takes ");
    rs_hook_costs_print(&examination->hook_costs, RS_HOOK_RING0, report->out);
    fprintf(report->out, "; --hook-kind=auto: ");
    rs_hook_kinds_print(&examination->hook_kinds, report->out);
    fprintf(report->out, "\n");
}

int rs_examination_print(const struct rs_examination *examination, struct rs_report_style style,
                         FILE *out)
{
    const struct report report = {out, style};
    const unsigned *totals = examination->totals;

    put_header(&report, examination);
    put_findings(&report, examination);
    fprintf(out, "\n%zu claims: %u ok, %u depart from the SDM, %u absent, %u skipped\n",
            examination->count, totals[RS_STATUS_OK], totals[RS_STATUS_DEPARTS],
            totals[RS_STATUS_ABSENT], totals[RS_STATUS_SKIP]);
    put_repair(&report, examination->needs);
    put_hooks(&report, examination);
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
