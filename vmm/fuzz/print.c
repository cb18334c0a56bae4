/* SPDX-License-Identifier: MIT
 * What the fuzzer found: a table of the cases, deviations that are known, disagreements. */
#include "internal.h"

#include <inttypes.h>

#define COLUMN 9

const char *rs_fuzz_deviation(unsigned index, const char **text)
{
    const struct rs_claim *claim = NULL;

    if (index >= rs_deviation_count)
        return NULL;
    for (size_t i = 0; i < rs_group_count && !claim; i++)
        claim = rs_claim_find(rs_groups[i], rs_deviations[index].claim);
    *text = claim ? claim->text : "";
    return rs_deviations[index].claim;
}

uint64_t rs_fuzz_total(const struct rs_fuzz_totals *totals, enum rs_fuzz_verdict verdict)
{
    uint64_t sum = 0;

    for (unsigned kind = 0; kind < RS_FUZZ_KIND_COUNT; kind++)
        sum += totals->verdicts[kind][verdict];
    return sum;
}

static void print_row(FILE *out, const char *text, uint64_t all, const uint64_t *verdicts)
{
    fprintf(out, "%-20s %*" PRIu64, text, COLUMN, all);
    for (unsigned i = 0; i < RS_FUZZ_VERDICT_COUNT; i++)
        fprintf(out, " %*" PRIu64, COLUMN, verdicts[i]);
    fputc('\n', out);
}

static void print_table(const struct rs_fuzz_totals *totals, FILE *out)
{
    static const char *const kinds[] = {
#define X(name, text) text,
        RS_FUZZ_KINDS(X)
#undef X
    };
    static const char *const verdicts[] = {
#define X(name, text, meaning) text,
        RS_FUZZ_VERDICTS(X)
#undef X
    };
    uint64_t sums[RS_FUZZ_VERDICT_COUNT];

    fprintf(out, "%-20s %*s", "", COLUMN, "cases");
    for (unsigned i = 0; i < RS_FUZZ_VERDICT_COUNT; i++)
        fprintf(out, " %*s", COLUMN, verdicts[i]);
    fputc('\n', out);
    for (unsigned kind = 0; kind < RS_FUZZ_KIND_COUNT; kind++) {
        uint64_t all = 0;

        for (unsigned i = 0; i < RS_FUZZ_VERDICT_COUNT; i++)
            all += totals->verdicts[kind][i];
        print_row(out, kinds[kind], all, totals->verdicts[kind]);
    }
    for (unsigned i = 0; i < RS_FUZZ_VERDICT_COUNT; i++)
        sums[i] = rs_fuzz_total(totals, (enum rs_fuzz_verdict)i);
    print_row(out, "total", totals->cases, sums);
}

static void print_deviations(const struct rs_fuzz_totals *totals, FILE *out)
{
    const char *claim, *text;
    bool any = false;

    for (unsigned i = 0; (claim = rs_fuzz_deviation(i, &text)) != NULL; i++) {
        if (totals->deviations[i] == 0)
            continue;
        if (!any)
            fprintf(out, "\nDepartures that doctor knows of this host, and cases with each:\n");
        any = true;
        fprintf(out, "%*" PRIu64 "  %-24s %s\n", COLUMN, totals->deviations[i], claim, text);
    }
}

static void print_groups(const struct rs_fuzz_options *options, const struct rs_fuzz_totals *totals,
                         FILE *out)
{
    if (totals->group_count > 0)
        fprintf(out,
                "\nDisagreements that nothing explains: what differs from the nearest that the "
                "host is known for, and how to see the first of each:\n");
    for (unsigned i = 0; i < totals->group_count; i++)
        fprintf(out,
                "%*" PRIu64 "  %s\n%*s  %s\n%*s  ringscope fuzz%s --seed %" PRIu64
                " --case %" PRIu64 "\n",
                COLUMN, totals->groups[i].count, totals->groups[i].text, COLUMN, "",
                totals->groups[i].example, COLUMN, "", options->command, options->seed,
                totals->groups[i].first);
    if (totals->ungrouped > 0)
        fprintf(out, "%*" PRIu64 "  of more kinds than are listed\n", COLUMN, totals->ungrouped);
}

int rs_fuzz_print(const struct rs_fuzz_options *options, const struct rs_fuzz_totals *totals,
                  FILE *out)
{
    fprintf(out,
            "ringscope fuzz: seed %" PRIu64 ", cases from %" PRIu64
            " on, the guest's processor follows %s\n\n",
            options->seed, options->first, totals->vendor == RS_VENDOR_AMD ? "AMD" : "Intel");
    print_table(totals, out);
    print_deviations(totals, out);
    print_groups(options, totals, out);
    fprintf(out, "\n%" PRIu64 " cases in %.1f s: %" PRIu64 " disagree\n", totals->cases,
            totals->seconds, rs_fuzz_total(totals, RS_FUZZ_DISAGREES));
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
