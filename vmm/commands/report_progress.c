/* SPDX-License-Identifier: MIT
 * How far reading has come: a line on a terminal when it takes long. */
#include "report.h"

#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000
#define START_MS 2000
#define INTERVAL_MS 250

static struct {
    int64_t started_ms; /* 0: not yet */
    int64_t shown_ms;   /* 0: nothing is shown */
} progress;

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS + 1;
}

void rs_report_progress(unsigned percent)
{
    int64_t now = now_ms();

    if (progress.started_ms == 0)
        progress.started_ms = now;
    if (now - progress.started_ms < START_MS || now - progress.shown_ms < INTERVAL_MS ||
        !isatty(STDERR_FILENO))
        return;
    progress.shown_ms = now;
    fprintf(stderr, "\r\033[Kringscope: %u %% of the bytes are read", percent);
}

void rs_report_progress_end(void)
{
    if (progress.shown_ms)
        fprintf(stderr, "\r\033[K");
    progress.started_ms = progress.shown_ms = 0;
}
