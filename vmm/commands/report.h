/* SPDX-License-Identifier: MIT
 * Inside `ringscope report`: what is printed of one trace, and of two. */
#ifndef RINGSCOPE_COMMANDS_REPORT_H
#define RINGSCOPE_COMMANDS_REPORT_H

#include "report_table.h"
#include "trace/digest.h"

#define RS_REPORT_SCHEMA 2
#define RS_REPORT_SLOWEST_DEFAULT 10

enum rs_report_format {
    RS_REPORT_TEXT,
    RS_REPORT_CSV,
    RS_REPORT_JSON
};

struct rs_report_options {
    enum rs_report_format format;
    const char *columns; /* NULL: those that the format shows */
    const char *sort;    /* NULL: the table's own */
    bool histogram;
    size_t slowest;
};

extern const struct rs_columns rs_report_columns, rs_compare_columns;

/* Fill and print a table. Return 0; 1: stdout takes no more; -1: *error is filled. */
int rs_report_print(const struct rs_report_options *options, const struct rs_digest *digest,
                    FILE *file, struct rs_error *error);
int rs_compare_print(const struct rs_report_options *options, const struct rs_digest *a,
                     const struct rs_digest *b, FILE *file, struct rs_error *error);

/* Opens, fills, selects and sorts: report_rows.c and compare_rows.c. */
int rs_report_table(struct rs_table *table, const struct rs_report_options *options,
                    const struct rs_digest *digest, struct rs_error *error);
int rs_compare_table(struct rs_table *table, const struct rs_report_options *options,
                     const struct rs_digest *a, const struct rs_digest *b, struct rs_error *error);

/* "SYSCALL" of a kind; "?" of one that does not exist. */
const char *rs_report_kind(unsigned kind);
/* "1.23 ms". */
#define RS_REPORT_TIME_SIZE 24
void rs_report_time(uint64_t ns, char buffer[RS_REPORT_TIME_SIZE]);

/* Bars of each row that has spans, in as many columns as the terminal has. */
void rs_report_histograms(const struct rs_table *table, const struct rs_digest *digest, FILE *file);
json_t *rs_report_histogram_json(const struct rs_digest *digest,
                                 const struct rs_histogram *histogram);

void rs_report_deviations(const struct rs_summary *summary, FILE *file);
json_t *rs_report_deviations_json(const struct rs_summary *summary);

/* The longest spans and what was around them: read again from the trace. */
int rs_report_slowest(const struct rs_digest *digest, FILE *file, struct rs_error *error);
json_t *rs_report_slowest_json(const struct rs_digest *digest, struct rs_error *error);

/* A line on a terminal when reading takes long. */
void rs_report_progress(unsigned percent);
void rs_report_progress_end(void);

/* Writes a document and frees it. 1: the file takes no more, or there is no memory. */
int rs_report_dump(json_t *root, FILE *file);

#endif
