/* SPDX-License-Identifier: MIT
 * What the benchmarks share. */
#include "table.h"

#include "kvm/kvm_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

static int ascending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

uint64_t rs_bench_median(uint64_t *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), ascending);
    return values[count / 2];
}

void rs_bench_heading(const char *title)
{
    struct utsname name = {0};

    uname(&name);
    printf("%s (host kernel %s%s)\n", title, name.release,
           rs_kvm_host_is_emulated() ? "; EMULATED: times mean nothing on real hardware" : "");
}
