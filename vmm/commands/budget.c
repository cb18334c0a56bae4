/* SPDX-License-Identifier: MIT
 * What a guest may use up before it is ended. */
#include "budget.h"

#include "options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

bool rs_budget_parse(const char *text, uint64_t *limit)
{
    if (strcmp(text, "none") == 0) {
        *limit = RS_BUDGET_NONE;
        return true;
    }
    return rs_parse_size(text, limit) && *limit > 0;
}

bool rs_budget_parse_seconds(const char *text, double *seconds)
{
    char *end;

    if (strcmp(text, "none") == 0) {
        *seconds = INFINITY;
        return true;
    }
    *seconds = strtod(text, &end);
    return end != text && !*end && isfinite(*seconds) && *seconds > 0;
}

uint64_t rs_budget_of_disk(const int *fds, unsigned count, unsigned share)
{
    uint64_t limit = RS_BUDGET_NONE;

    for (unsigned i = 0; i < count; i++) {
        struct statvfs disk;
        struct stat file;
        uint64_t part;

        if (fds[i] < 0 || fstat(fds[i], &file) != 0 || !S_ISREG(file.st_mode) ||
            fstatvfs(fds[i], &disk) != 0 ||
            disk.f_blocks == 0) /* memory alone, as of memfd_create(), is counted nowhere */
            continue;
        part = (uint64_t)disk.f_bavail * disk.f_frsize / share;
        if (part == 0)
            part = 1; /* 0 would be none */
        if (part < limit)
            limit = part;
    }
    return limit;
}

void rs_budget_begin(struct rs_budget *budget, const int *trace_fds, unsigned count, int console_fd)
{
    uint64_t console = rs_budget_of_disk(&console_fd, 1, RS_BUDGET_CONSOLE_SHARE);
    const uint64_t defaults[RS_BUDGET_COUNT] = {
        [RS_BUDGET_EXITS] = RS_BUDGET_EXITS_DEFAULT,
        [RS_BUDGET_EVENTS] = RS_BUDGET_EVENTS_DEFAULT,
        [RS_BUDGET_CONSOLE] =
            console < RS_BUDGET_CONSOLE_DEFAULT ? console : RS_BUDGET_CONSOLE_DEFAULT,
        [RS_BUDGET_TRACE] = rs_budget_of_disk(trace_fds, count, RS_BUDGET_TRACE_SHARE),
    };

    budget->spent = -1;
    if (budget->seconds == 0)
        budget->seconds = RS_BUDGET_SECONDS_DEFAULT;
    for (unsigned i = 0; i < RS_BUDGET_COUNT; i++)
        if (budget->limits[i] == 0)
            budget->limits[i] = defaults[i];
}

bool rs_budget_use(struct rs_budget *budget, enum rs_budget_kind kind, uint64_t used)
{
    budget->used[kind] = used;
    if (used < budget->limits[kind])
        return true;
    if (budget->spent < 0)
        budget->spent = (int)kind;
    return false;
}

uint32_t rs_budget_console(struct rs_budget *budget, uint32_t size)
{
    uint64_t used = budget->used[RS_BUDGET_CONSOLE];
    uint64_t left = budget->limits[RS_BUDGET_CONSOLE] - used;

    if (size > left)
        size = (uint32_t)left;
    (void)rs_budget_use(budget, RS_BUDGET_CONSOLE, used + size);
    return size;
}
