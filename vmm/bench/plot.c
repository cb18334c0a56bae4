/* SPDX-License-Identifier: MIT
 * A result as a picture, by gnuplot. */
#include "plot.h"

#include <math.h>
#include <string.h>

#define COLUMNS 4
#define PANEL_WIDTH 420
#define PANEL_HEIGHT 280
#define BINS 40
/* What is drawn of a distribution: the slowest of a hundred would leave no room for the rest. */
#define SHOWN_PERCENTILE 97
#define SHOWN_RANGES 6 /* interquartile ranges above the third quartile */
#define PHASES_MAX 8

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), of_ending = strlen(ending);

    return length > of_ending && strcmp(path + length - of_ending, ending) == 0;
}

bool rs_bench_plot_name(const char *path)
{
    return ends_with(path, ".svg") || ends_with(path, ".png");
}

/* In single quotes nothing is special but they themselves. */
static void put_quoted(const char *text, FILE *out)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static unsigned shown(const double *quantiles)
{
    double end = quantiles[75] + SHOWN_RANGES * (quantiles[75] - quantiles[25]) + 1;
    unsigned last = SHOWN_PERCENTILE;

    while (last > 75 && quantiles[last] > end)
        last--;
    return last;
}

/* Letters that gnuplot would take for mark-up are switched off with `noenhanced`. */
static void put_panel_data(const struct rs_bench_row *row, unsigned index, FILE *out)
{
    const double *quantiles = row->statistics.quantiles;
    unsigned last = shown(quantiles);
    double low = quantiles[0], width = (quantiles[last] - low) / BINS;
    unsigned bins[BINS] = {0};

    if (width < 1.0 / BINS)
        width = 1.0 / BINS;
    for (unsigned i = 0; i <= last; i++) {
        double bin = floor((quantiles[i] - low) / width);

        bins[bin >= BINS ? BINS - 1 : (unsigned)bin]++;
    }
    fprintf(out, "$bins%u << EOD\n", index);
    for (unsigned i = 0; i < BINS; i++)
        fprintf(out, "%.3f %u\n", low + (i + 0.5) * width, bins[i]);
    fprintf(out, "EOD\n$below%u << EOD\n", index);
    for (unsigned i = 0; i <= last; i++)
        fprintf(out, "%.3f %u\n", quantiles[i], i);
    fprintf(out, "EOD\n");
}

static void put_panel(const struct rs_bench_row *row, unsigned index, FILE *out)
{
    const struct rs_bench_statistics *statistics = &row->statistics;
    char title[2 * RS_BENCH_TEXT_MAX];

    put_panel_data(row, index, out);
    snprintf(title, sizeof(title), "%s: p50 %.0f, p99 %.0f, n %llu%s", row->name, statistics->p50,
             statistics->p99, (unsigned long long)statistics->n,
             row->marks & RS_BENCH_MARK(NOT_ARCHITECTURAL) ? " ~" : "");
    fprintf(out, "set title ");
    put_quoted(title, out);
    fprintf(out, " noenhanced font ',9'\nset xlabel ");
    put_quoted(row->title, out);
    fprintf(out, " noenhanced font ',8' offset 0,0.6\n");
    fprintf(out,
            "set xrange [*:*]\nset yrange [0:*]\nset xtics %.3f\n"
            "plot $bins%u using 1:2 with boxes fill solid 0.5 lc rgb '#5b8db8' axes x1y1, "
            "$below%u using 1:2 with steps lw 1.5 lc rgb '#c0504d' axes x1y2\n",
            fmax((statistics->quantiles[shown(statistics->quantiles)] - statistics->min) / 4, 1),
            index, index);
}

/* The rows of one call's phases: NAME-1-..., NAME-2-... */
struct phases {
    const char *label;
    const struct rs_bench_row *rows[PHASES_MAX];
    unsigned count;
};

static const char *const prefixes[] = {"phase-", "kva-phase-", "kva-pcid-phase-"};
static const char *const labels[] = {"plain", "kva", "kva-pcid"};
#define PREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

static void find_phases(const struct rs_bench_result *result, struct phases phases[PREFIXES],
                        unsigned *used)
{
    *used = 0;
    for (unsigned i = 0; i < PREFIXES; i++) {
        struct phases *of = &phases[*used];

        *of = (struct phases){.label = labels[i]};
        for (size_t k = 0; k < result->row_count; k++) {
            const struct rs_bench_row *row = &result->rows[k];

            if (strncmp(row->name, prefixes[i], strlen(prefixes[i])) == 0 && !row->skipped[0] &&
                of->count < PHASES_MAX)
                of->rows[of->count++] = row;
        }
        *used += of->count > 0;
    }
}

/* One stacked bar for each kind of call: medians, from the bottom in the order of time. */
static void put_stack(const struct phases *phases, unsigned used, FILE *out)
{
    unsigned count = 0;

    fprintf(out, "$stack << EOD\n");
    for (unsigned i = 0; i < used; i++) {
        fputs(phases[i].label, out);
        for (unsigned k = 0; k < phases[i].count; k++)
            fprintf(out, " %.3f", fmax(phases[i].rows[k]->statistics.p50, 0));
        fputc('\n', out);
        if (phases[i].count > count)
            count = phases[i].count;
    }
    fprintf(out,
            "EOD\nunset y2tics\nset style data histograms\nset style histogram rowstacked\n"
            "set style fill solid 0.8\nset boxwidth 0.5\nset key outside right font ',8'\n"
            "set xtics autofreq noenhanced\nset xrange [-0.6:%u]\n"
            "set title 'phases of a system call, medians' font ',9'\nset xlabel ''\nset ylabel "
            "'cycles'\nplot ",
            used);
    for (unsigned k = 0; k < count; k++) {
        fprintf(out, "%s$stack using %u:xtic(1) title ", k ? ", " : "", k + 2);
        put_quoted(phases[0].rows[k < phases[0].count ? k : 0]->title, out);
        fprintf(out, " noenhanced");
    }
    fputc('\n', out);
}

static void put_head(const char *path, unsigned panels, FILE *out)
{
    unsigned rows = (panels + COLUMNS - 1) / COLUMNS;
    unsigned columns = panels < COLUMNS ? panels : COLUMNS;

    fprintf(out, "set terminal %s size %u,%u font 'sans,10'\nset output ",
            ends_with(path, ".svg") ? "svg" : "pngcairo", columns * PANEL_WIDTH,
            rows * PANEL_HEIGHT);
    put_quoted(path, out);
    fprintf(out,
            "\nset multiplot layout %u,%u\nset nokey\nset grid\n"
            "set xtics font ',8' format '%%.1s%%c'\n"
            "set ytics nomirror font ',8'\nset y2tics font ',8'\nset y2range [0:100]\n"
            "set ylabel 'of 100' font ',8' offset 1.5,0\n",
            rows, columns);
}

void rs_bench_plot_script(const struct rs_bench_result *result, const char *path, FILE *out)
{
    struct phases phases[PREFIXES];
    unsigned panels = 0, used;

    find_phases(result, phases, &used);
    for (size_t i = 0; i < result->row_count; i++)
        panels += !result->rows[i].skipped[0];
    put_head(path, panels + (used > 0), out);
    panels = 0;
    for (size_t i = 0; i < result->row_count; i++)
        if (!result->rows[i].skipped[0])
            put_panel(&result->rows[i], panels++, out);
    if (used)
        put_stack(phases, used, out);
    fprintf(out, "unset multiplot\n");
}
