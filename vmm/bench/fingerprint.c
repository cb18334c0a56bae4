/* SPDX-License-Identifier: MIT
 * The fingerprint of a measurement, from /proc, /sys and KVM. */
#include "fingerprint.h"

#include "bundle/bundle.h"
#include "hooks/hooks.h"
#include "kvm/fingerprint.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define CPU "/sys/devices/system/cpu"
#define BUSY_LOAD 0.25 /* of one processor */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

int rs_bench_pin(void)
{
    int cpu = sched_getcpu();
    cpu_set_t set;

    if (cpu < 0)
        return -1;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set) == 0 ? cpu : -1;
}

/* The first line of a file; empty when it is not there. */
static void read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");

    line[0] = '\0';
    if (!file)
        return;
    if (fgets(line, (int)size, file))
        line[strcspn(line, "\n")] = '\0';
    fclose(file);
}

static void add_file(struct rs_bench_result *result, const char *key, const char *path)
{
    char line[RS_BENCH_TEXT_MAX];

    read_line(path, line, sizeof(line));
    rs_bench_add_fact(result, key, "%s", line);
}

/* X(key, path): facts that are a file's first line. */
#define FILES(X)                                                                                   \
    X("command line", "/proc/cmdline")                                                             \
    X("clock source", "/sys/devices/system/clocksource/clocksource0/current_clocksource")          \
    X("governor", CPU "/cpu0/cpufreq/scaling_governor")                                            \
    X("turbo off (intel_pstate)", CPU "/intel_pstate/no_turbo")                                    \
    X("boost", CPU "/cpufreq/boost")                                                               \
    X("SMT", CPU "/smt/control")                                                                   \
    X("isolated CPUs", CPU "/isolated")                                                            \
    X("transparent huge pages", "/sys/kernel/mm/transparent_hugepage/enabled")                     \
    X("halt_poll_ns", "/sys/module/kvm/parameters/halt_poll_ns")                                   \
    X("load", "/proc/loadavg")

static const char *of_module(char *path, size_t size, const char *module, const char *parameter)
{
    snprintf(path, size, "/sys/module/%s/parameters/%s", module, parameter);
    return path;
}

static void add_kvm(struct rs_bench_result *result, const struct rs_fingerprint *host)
{
    static const char *const parameters[] = {"ept",    "npt",     "unrestricted_guest",
                                             "avic",   "apicv",   "enable_apicv",
                                             "nested", "tdp_mmu", "ple_gap"};
    char path[RS_BENCH_TEXT_MAX], key[RS_BENCH_TEXT_MAX];

    rs_bench_add_fact(result, "KVM", "%s", host->kvm[0] ? host->kvm : "built in");
    for (size_t i = 0; host->kvm[0] && i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        snprintf(key, sizeof(key), "KVM %s", parameters[i]);
        add_file(result, key, of_module(path, sizeof(path), host->kvm, parameters[i]));
    }
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static void add_mitigations(struct rs_bench_result *result)
{
    struct dirent **entries;
    int count = scandir(CPU "/vulnerabilities", &entries, NULL, by_name);
    char path[512], key[RS_BENCH_TEXT_MAX + 16];

    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(path, sizeof(path), CPU "/vulnerabilities/%s", entries[i]->d_name);
            snprintf(key, sizeof(key), "vulnerability %s", entries[i]->d_name);
            add_file(result, key, path);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* FNV-1a: to tell builds apart, not to protect anything. */
static uint64_t hash(uint64_t state, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        state = (state ^ bytes[i]) * FNV_PRIME;
    return state;
}

static uint64_t hash_self(void)
{
    unsigned char bytes[4096];
    uint64_t state = FNV_OFFSET;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ssize_t count;

    while (fd >= 0 && (count = read(fd, bytes, sizeof(bytes))) > 0)
        state = hash(state, bytes, (size_t)count);
    if (fd >= 0)
        close(fd);
    return state;
}

static uint64_t hash_guest(void)
{
    const struct rs_blob *kernel = rs_bundle_kernel(), *program = rs_bundle_program("bench");
    uint64_t state = hash(FNV_OFFSET, kernel->bytes, kernel->size);

    return program ? hash(state, program->bytes, program->size) : state;
}

static void add_builds(struct rs_bench_result *result)
{
    rs_bench_add_fact(result, "ringscope", "%s, FNV-1a %016" PRIx64, RS_VERSION, hash_self());
    rs_bench_add_fact(result, "guest image", "kernel and program, FNV-1a %016" PRIx64,
                      hash_guest());
}

/* "model name" is in rs_fingerprint; the numbers behind it are not. */
static void add_cpu_numbers(struct rs_bench_result *result)
{
    static const char *const names[] = {"cpu family", "model", "stepping"};
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "re");

    while (file && fgets(line, sizeof(line), file) && line[0] != '\n') {
        const char *colon = strchr(line, ':');

        for (size_t i = 0; colon && i < sizeof(names) / sizeof(names[0]); i++) {
            size_t length = strlen(names[i]);

            if (strncmp(line, names[i], length) == 0 && strchr("\t ", line[length]) &&
                line[length + (line[length] == ' ')] == '\t')
                rs_bench_add_fact(result, names[i], "%.*s", (int)strcspn(colon + 2, "\n"),
                                  colon + 2);
        }
    }
    if (file)
        fclose(file);
}

static bool cpu_flag(const char *flag)
{
    static char line[8192];
    bool found = false;
    FILE *file = fopen("/proc/cpuinfo", "re");

    while (file && fgets(line, sizeof(line), file) && line[0] != '\n') {
        if (strncmp(line, "flags", 5) == 0) {
            const char *at = strstr(line, flag);

            found = at && at[-1] == ' ' && !isalnum((unsigned char)at[strlen(flag)]);
            break;
        }
    }
    if (file)
        fclose(file);
    return found;
}

static void add_tsc(struct rs_bench_result *result, const struct rs_bench_host *host)
{
    bool steady = cpu_flag("constant_tsc") && cpu_flag("nonstop_tsc");

    rs_bench_add_fact(result, "TSC", "%.3f MHz, %s; %s", (double)host->tsc_hz / 1e6,
                      host->tsc_told ? "told by KVM" : "measured against CLOCK_MONOTONIC_RAW",
                      steady ? "constant_tsc nonstop_tsc" : "not said to be invariant");
    if (!steady)
        rs_bench_warn(result, true, "the TSC is not said to be invariant: ticks may not be time");
}

static void add_needs(struct rs_bench_result *result, const struct rs_bench_host *host)
{
    rs_bench_add_fact(result, "repair", "%s%s%s%s", host->needs & RS_NEED_SYSCALL ? "SYSCALL " : "",
                      host->needs & RS_NEED_INT_N_UD ? "INT-n-UD " : "",
                      host->needs & RS_NEED_INT_N_GP ? "INT-n-GP " : "",
                      host->needs & RS_NEED_RING0_INT ? "ring-0-INT" : "");
    rs_bench_add_fact(result, "guest", "1 CPU, 64 MiB, PCID %s; empty span %" PRIu64 " ticks",
                      host->pcid ? "offered" : "not offered", host->empty_span);
}

static void warn(struct rs_bench_result *result, int cpu)
{
    char line[RS_BENCH_TEXT_MAX];
    double load[1] = {0};

    if (getloadavg(load, 1) == 1 && load[0] > BUSY_LOAD)
        rs_bench_warn(result, true, "the machine is busy: load %.2f", load[0]);
    if (cpu < 0)
        rs_bench_warn(result, true, "the thread cannot be pinned to a processor");
    read_line(CPU "/cpu0/cpufreq/scaling_governor", line, sizeof(line));
    if (line[0] && strcmp(line, "performance") != 0)
        rs_bench_warn(result, true, "the governor is %s, not performance", line);
    read_line(CPU "/smt/active", line, sizeof(line));
    if (strcmp(line, "1") == 0)
        rs_bench_warn(result, false, "SMT is on: a sibling shares the core");
    read_line(CPU "/isolated", line, sizeof(line));
    if (!line[0])
        rs_bench_warn(result, false, "no processor is isolated: other tasks may run on this one");
    if (cpu_flag("hypervisor"))
        rs_bench_warn(result, false,
                      "this machine is itself virtual: its host may stop it at any time");
}

void rs_bench_fingerprint(struct rs_bench_result *result, const struct rs_bench_host *host, int cpu)
{
    struct rs_fingerprint of_host;
    struct utsname uts;
    char date[64] = "";
    time_t now = time(NULL);
    struct tm utc;

    if (gmtime_r(&now, &utc))
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &utc);
    rs_bench_add_fact(result, "date", "%s", date);
    add_builds(result);
    rs_fingerprint_read(&of_host);
    rs_bench_add_fact(result, "CPU", "%s", of_host.cpu);
    add_cpu_numbers(result);
    rs_bench_add_fact(result, "microcode", "%s", of_host.microcode);
    rs_bench_add_fact(result, "CPUs online", "%u", of_host.cpus);
    if (cpu >= 0)
        rs_bench_add_fact(result, "pinned to CPU", "%d", cpu);
    if (uname(&uts) == 0)
        rs_bench_add_fact(result, "kernel", "%s %s", uts.release, uts.version);
    add_kvm(result, &of_host);
    add_tsc(result, host);
#define X(key, path) add_file(result, key, path);
    FILES(X)
#undef X
    add_needs(result, host);
    add_mitigations(result);
    warn(result, cpu);
    if (host->emulated)
        rs_bench_warn(result, true, "this machine is emulated: its times are nobody's");
}

void rs_bench_fingerprint_end(struct rs_bench_result *result)
{
    if (result->ring_0_cost > 0)
        rs_bench_add_fact(result, "ring 0", "an instruction costs %.3g times one of ring 3",
                          result->ring_0_cost);
    if (result->interpreted)
        rs_bench_warn(result, false,
                      "ring 0 of the guest is interpreted: its times say nothing of a processor");
}
