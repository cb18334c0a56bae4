/* SPDX-License-Identifier: MIT
 * bench-snapshot: programs per second, each started from a snapshot of the booted kernel.
 *
 * bench-snapshot [KERNEL PROGRAM]   with files: beside it one QEMU process for each
 * bench-snapshot --check PROGRAM... each several times in turn, from one snapshot: the state is
 *                                   proven equal by its hash each time, and so is what it prints */
#include "snapshot/snapshot.h"
#include "bundle/bundle.h"
#include "doctor/needs.h"
#include "kvm/kvm_host.h"
#include "machine/boot.h"
#include "table.h"

#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "hello"
#define RUNS 1000
#define QEMU_RUNS 3
#define CHECK_ROUNDS 2
#define PROGRAMS_MAX 64
#define ROOM (1u << 20)
#define OUTPUT_MAX 65536
#define GOAL_RATE 500
#define GOAL_RATIO 100

struct bench {
    struct rs_machine machine;
    struct rs_snapshot snapshot;
    char output[OUTPUT_MAX];
    size_t output_size;
    struct rs_error error;
};

/* What a core spends, whatever else runs on it. */
static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* With a program the snapshot is taken behind its loading: for others of the same layout. */
static int start(struct bench *bench, int kvm_fd, const struct rs_blob *program)
{
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .program = program ? *program : (struct rs_blob){0},
        .ready = true,
        .program_room = ROOM,
        .memory_size = RS_RAM_DEFAULT / 2,
    };

    if (rs_doctor_needs(kvm_fd, &config.hooks.needs, &bench->error) != 0 ||
        rs_machine_create(&bench->machine, kvm_fd, &config, &bench->error) != 0)
        return -1;
    rs_machine_run(&bench->machine);
    if (bench->machine.stop.kind != RS_STOP_READY)
        return rs_error_set(&bench->error, RS_EXIT_CRASH, "the kernel stops before it is ready: %s",
                            bench->machine.stop.message);
    return rs_snapshot_take(&bench->snapshot, &bench->machine, &bench->error);
}

static void drain(struct bench *bench)
{
    const struct rs_record *record;

    while ((record = rs_stream_peek(&bench->machine.cpus->stream)) != NULL) {
        if (record->type == RS_RECORD_CONSOLE &&
            record->size < sizeof(bench->output) - bench->output_size) {
            memcpy(bench->output + bench->output_size, record->text, record->size);
            bench->output_size += record->size;
        }
        rs_stream_consume(&bench->machine.cpus->stream);
    }
    bench->output[bench->output_size] = '\0';
}

static int run(struct bench *bench, const char *name, bool verify)
{
    const struct rs_blob *program = rs_bundle_program(name);
    char *const arguments[] = {(char *)(uintptr_t)name, NULL};

    bench->output_size = 0;
    if (!program)
        return rs_error_set(&bench->error, RS_EXIT_NOT_FOUND, "no program '%s'", name);
    if (rs_snapshot_restore(&bench->snapshot, &bench->machine, &bench->error) != 0 ||
        (verify && rs_snapshot_verify(&bench->snapshot, &bench->machine, &bench->error) != 0) ||
        rs_boot_put_program(&bench->machine, program, arguments, &bench->error) != 0)
        return -1;
    rs_machine_run(&bench->machine);
    drain(bench);
    if (bench->machine.stop.kind != RS_STOP_PROGRAM || bench->machine.stop.value != 0)
        return rs_error_set(&bench->error, RS_EXIT_CRASH,
                            "%s: stop %d, value %#x %s; its output:\n%s", name,
                            (int)bench->machine.stop.kind, bench->machine.stop.value,
                            bench->machine.stop.message, bench->output);
    return 0;
}

/* Without what tells times or addresses of the moment: comments. */
static void keep_results(char *output)
{
    char *to = output;

    for (char *line = output, *next; *line; line = next) {
        next = strchr(line, '\n');
        next = next ? next + 1 : line + strlen(line);
        if (*line != '#') {
            memmove(to, line, (size_t)(next - line));
            to += next - line;
        }
    }
    *to = '\0';
}

/* Returns 0, or -1. `first` keeps what each program printed first. */
static int check_one(struct bench *bench, const char *name, char **first)
{
    if (run(bench, name, true) != 0)
        return -1;
    keep_results(bench->output);
    if (!*first)
        *first = strdup(bench->output);
    if (!*first || strcmp(*first, bench->output) != 0)
        return rs_error_set(&bench->error, RS_EXIT_CRASH, "%s differs from its first run:\n%s",
                            name, bench->output);
    printf("ok - %s: %zu pages put back, the state hashes to %016llx\n", name,
           bench->snapshot.pages_restored, (unsigned long long)bench->snapshot.digest);
    return 0;
}

static int check(struct bench *bench, char **names, int count)
{
    static char *first[PROGRAMS_MAX];
    int result = 0;

    if (count > PROGRAMS_MAX)
        return rs_error_set(&bench->error, RS_EXIT_USAGE, "at most %d programs", PROGRAMS_MAX);
    for (int i = 0; i < CHECK_ROUNDS * count && result == 0; i++)
        result = check_one(bench, names[i % count], &first[i % count]);
    for (int i = 0; i < count; i++)
        free(first[i]);
    if (result == 0)
        printf("1..%d\n", CHECK_ROUNDS * count);
    return result;
}

static double measure(struct bench *bench)
{
    double begun;

    if (run(bench, PROGRAM, true) != 0 || run(bench, PROGRAM, false) != 0)
        return 0;
    begun = cpu_seconds();
    for (unsigned i = 0; i < RUNS; i++)
        if (run(bench, PROGRAM, false) != 0)
            return 0;
    return RUNS / (cpu_seconds() - begun);
}

static void exec_qemu(const char *kernel, const char *program)
{
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "r", stdin))
        _exit(127);
    execlp("qemu-system-x86_64", "qemu-system-x86_64", "-kernel", kernel, "-initrd", program,
           "-append", PROGRAM, "-serial", "stdio", "-display", "none", "-m", "64M", "-no-reboot",
           (char *)NULL);
    _exit(127);
}

/* 0: there is no QEMU, or it fails. */
static double measure_qemu(const char *kernel, const char *program)
{
    struct rusage usage;
    int status;

    for (unsigned i = 0; i < QEMU_RUNS; i++) {
        pid_t pid;

        fflush(stdout);
        pid = fork();

        if (pid == 0)
            exec_qemu(kernel, program);
        if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
            WEXITSTATUS(status) != 0)
            return 0;
    }
    getrusage(RUSAGE_CHILDREN, &usage);
    return QEMU_RUNS / ((double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

static int report(double rate, double qemu)
{
    bool missed = rate < GOAL_RATE || (qemu > 0 && rate / qemu < GOAL_RATIO);

    printf("%-52s %8.0f  >= %d%s\n", "programs per second of a core, each from the snapshot", rate,
           GOAL_RATE, rate < GOAL_RATE ? "  MISSED" : "");
    if (qemu <= 0) {
        printf("%-52s %8s\n", "the same, one QEMU process each", "no QEMU");
        return missed;
    }
    printf("%-52s %8.2f\n", "the same, one QEMU process each", qemu);
    printf("%-52s %8.0f  >= %d%s\n", "ratio", rate / qemu, GOAL_RATIO,
           rate / qemu < GOAL_RATIO ? "  MISSED" : "");
    return missed;
}

int main(int argc, char **argv)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    bool checks = argc > 2 && strcmp(argv[1], "--check") == 0;
    int kvm_fd = bench ? rs_kvm_open(&bench->error) : -1, result;
    double rate = 0;

    if (!bench)
        return RS_EXIT_HOST;
    result = kvm_fd < 0 || start(bench, kvm_fd, checks ? NULL : rs_bundle_program(PROGRAM)) != 0;
    if (result == 0 && checks)
        result = check(bench, argv + 2, argc - 2) != 0;
    else if (result == 0) {
        rs_bench_heading("programs started from a snapshot");
        rate = measure(bench);
        result = rate <= 0;
    }
    if (result != 0) {
        fprintf(stderr, "bench-snapshot: %s\n", bench->error.message);
        return bench->error.exit_code;
    }
    return checks ? 0 : report(rate, argc == 3 ? measure_qemu(argv[1], argv[2]) : 0);
}
