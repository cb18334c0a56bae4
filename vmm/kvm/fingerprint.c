/* SPDX-License-Identifier: MIT
 * The fingerprint of the host, from /proc and /sys. */
#include "fingerprint.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODULES "/sys/module"
#define CLOCK "/sys/devices/system/clocksource/clocksource0/current_clocksource"

static void copy_line(char *to, const char *from)
{
    snprintf(to, RS_FINGERPRINT_MAX, "%.*s", (int)strcspn(from, "\n"), from);
}

/* "name	: value" of the first processor. */
static void read_cpuinfo(struct rs_fingerprint *fingerprint)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[512];

    while (file && fgets(line, sizeof(line), file) && line[0] != '\n') {
        const char *value = strstr(line, ": ");

        if (value && strncmp(line, "model name", 10) == 0)
            copy_line(fingerprint->cpu, value + 2);
        if (value && strncmp(line, "microcode", 9) == 0)
            copy_line(fingerprint->microcode, value + 2);
    }
    if (file)
        fclose(file);
}

/* The module that implements virtualisation is named after its vendor: kvm_intel, kvm_amd. */
static void read_kvm(struct rs_fingerprint *fingerprint)
{
    DIR *modules = opendir(MODULES);
    const struct dirent *entry;

    while (modules && (entry = readdir(modules)))
        if (strncmp(entry->d_name, "kvm_", 4) == 0)
            copy_line(fingerprint->kvm, entry->d_name);
    if (modules)
        closedir(modules);
}

static void read_clock(struct rs_fingerprint *fingerprint)
{
    FILE *file = fopen(CLOCK, "re");
    char line[RS_FINGERPRINT_MAX];

    if (file && fgets(line, sizeof(line), file))
        copy_line(fingerprint->clock, line);
    if (file)
        fclose(file);
}

void rs_fingerprint_read(struct rs_fingerprint *fingerprint)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    memset(fingerprint, 0, sizeof(*fingerprint));
    read_cpuinfo(fingerprint);
    read_kvm(fingerprint);
    read_clock(fingerprint);
    fingerprint->cpus = cpus > 0 ? (unsigned)cpus : 0;
}
