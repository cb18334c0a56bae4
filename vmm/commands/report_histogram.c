/* SPDX-License-Identifier: MIT
 * `ringscope report --histogram`: how the spans of each row are spread. */
#include "report.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINES_MAX 16
#define WIDTH_DEFAULT 80
#define WIDTH_MIN 50
#define WIDTH_MAX 200
#define LABELS_WIDTH 42 /* both times, the bar's ends and the count */

static unsigned terminal_width(FILE *file)
{
    struct winsize size;

    if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

void rs_report_time(uint64_t ns, char buffer[RS_REPORT_TIME_SIZE])
{
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (ns >= units[i].ns) {
            double value = (double)ns / (double)units[i].ns;

            snprintf(buffer, RS_REPORT_TIME_SIZE, "%.*f %s",
                     value < 10    ? 2
                     : value < 100 ? 1
                                   : 0,
                     value, units[i].name);
            return;
        }
    }
    snprintf(buffer, RS_REPORT_TIME_SIZE, "%" PRIu64 " ns", ns);
}

static uint64_t sum(const struct rs_histogram *histogram, unsigned first, unsigned count)
{
    uint64_t result = 0;

    for (unsigned i = first; i < first + count && i < RS_HISTOGRAM_BUCKETS; i++)
        result += histogram->buckets[i];
    return result;
}

/* The smallest power of two of buckets on a line with which there are no more than LINES_MAX. */
static unsigned buckets_per_line(unsigned low, unsigned high)
{
    unsigned step = 1;

    while (high / step - low / step >= LINES_MAX)
        step *= 2;
    return step;
}

static void put_line(FILE *file, const struct rs_clock *clock, const struct rs_histogram *histogram,
                     unsigned first, unsigned step, uint64_t largest, unsigned width)
{
    uint64_t count = sum(histogram, first, step);
    uint64_t bar = largest ? (uint64_t)((unsigned __int128)count * width / largest) : 0;
    unsigned last =
        first + step <= RS_HISTOGRAM_BUCKETS ? first + step - 1 : RS_HISTOGRAM_BUCKETS - 1;
    char from[RS_REPORT_TIME_SIZE], to[RS_REPORT_TIME_SIZE];

    if (count > 0 && bar == 0)
        bar = 1;
    rs_report_time(rs_clock_ns(clock, rs_histogram_first(first)), from);
    rs_report_time(rs_clock_ns(clock, rs_histogram_last(last)), to);
    fprintf(file, "  %9s - %9s |", from, to);
    for (unsigned i = 0; i < width; i++)
        fputc(i < bar ? '#' : ' ', file);
    fprintf(file, "| %" PRIu64 "\n", count);
}

static void put_histogram(FILE *file, const struct rs_clock *clock, const char *name,
                          const struct rs_histogram *histogram, unsigned width)
{
    unsigned low = rs_histogram_bucket(histogram->min);
    unsigned high = rs_histogram_bucket(histogram->max);
    unsigned step = buckets_per_line(low, high);
    uint64_t largest = 0;

    fprintf(file, "\n%s, %" PRIu64 " from entry to return\n", name, histogram->count);
    low -= low % step;
    for (unsigned first = low; first <= high; first += step)
        if (sum(histogram, first, step) > largest)
            largest = sum(histogram, first, step);
    for (unsigned first = low; first <= high; first += step)
        put_line(file, clock, histogram, first, step, largest, width);
}

void rs_report_histograms(const struct rs_table *table, const struct rs_digest *digest, FILE *file)
{
    unsigned width = terminal_width(file) - LABELS_WIDTH;

    for (size_t i = 0; i < table->row_count; i++) {
        const struct rs_summary_row *row = table->order[i]->source;

        if (row->spans.count > 0)
            put_histogram(file, &digest->clock, table->order[i]->name, &row->spans, width);
    }
}

json_t *rs_report_histogram_json(const struct rs_digest *digest,
                                 const struct rs_histogram *histogram)
{
    json_t *array = json_array();

    for (unsigned i = 0; i < RS_HISTOGRAM_BUCKETS; i++)
        if (histogram->buckets[i])
            json_array_append_new(
                array,
                json_pack("{s:I, s:I, s:I}", "first_ns",
                          (json_int_t)rs_clock_ns(&digest->clock, rs_histogram_first(i)), "last_ns",
                          (json_int_t)rs_clock_ns(&digest->clock, rs_histogram_last(i)), "count",
                          (json_int_t)histogram->buckets[i]));
    return array;
}
