/* SPDX-License-Identifier: MIT
 * One test of kvm-unit-tests, in a process of its own: whatever its image does ends with that. */
#include "kut_job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_OPTION "--max-console=32M"
#define OUTPUT_MAX (UINT64_C(64) << 20) /* bytes of a test's console, or of its trace */
#define ARGUMENTS_MAX 32

struct command {
    char *argv[ARGUMENTS_MAX];
    unsigned count;
    char host[32], repair[16], hook_kind[32], timeout[48], memory[32], cpus[24],
        trace[PATH_MAX + 16], events[48];
    char append[RS_KUT_APPEND_MAX + 16], cpu[RS_KUT_CPU_MAX + 8], kernel[PATH_MAX + 16];
};

static void add(struct command *command, const char *argument)
{
    command->argv[command->count++] = (char *)(uintptr_t)argument;
}

static bool wants_registers(const struct rs_kut_options *options)
{
    return options->suite->artefacts || options->report;
}

static void build(struct command *command, const struct rs_kut_job *job,
                  const struct rs_kut_options *options)
{
    const struct rs_kut_plan *plan = &job->plan;

    add(command, "ringscope");
    add(command, options->trace || job->trace ? "trace" : "run");
    if (job->trace) {
        snprintf(command->trace, sizeof(command->trace), "--output=%s", job->trace);
        add(command, command->trace);
    } else if (options->trace) {
        snprintf(command->trace, sizeof(command->trace), "--output=%s/%s.trace",
                 options->logs ? options->logs : "/dev", job->test->name);
        add(command, options->logs ? command->trace : "--output=/dev/null");
        if (options->trace[0]) {
            add(command, "--filter");
            add(command, options->trace);
        }
    }
    snprintf(command->host, sizeof(command->host), "--host=%s",
             options->host ? options->host : "auto");
    snprintf(command->repair, sizeof(command->repair), "--repair=%s",
             options->repair ? options->repair : "on");
    snprintf(command->timeout, sizeof(command->timeout), "--timeout=%g", plan->timeout);
    snprintf(command->memory, sizeof(command->memory), "--memory=%" PRIu64, plan->memory);
    snprintf(command->cpus, sizeof(command->cpus), "--cpus=%u", plan->cpus);
    snprintf(command->append, sizeof(command->append), "--append=%s", plan->append);
    snprintf(command->cpu, sizeof(command->cpu), "--cpu=%s", plan->cpu);
    snprintf(command->kernel, sizeof(command->kernel), "--kernel=%s", job->path);
    add(command, command->host);
    add(command, command->repair);
    if (options->hook_kind) {
        snprintf(command->hook_kind, sizeof(command->hook_kind), "--hook-kind=%s",
                 options->hook_kind);
        add(command, command->hook_kind);
    }
    add(command, command->timeout);
    add(command, command->memory);
    add(command, command->cpus);
    if (plan->append[0])
        add(command, command->append);
    if (plan->cpu[0])
        add(command, command->cpu);
    add(command, OUTPUT_OPTION);
    if (wants_registers(options))
        add(command, "--registers");
    if (options->trace || job->trace) {
        if (options->suite->events)
            snprintf(command->events, sizeof(command->events), "--max-events=%" PRIu64,
                     options->suite->events);
        else
            snprintf(command->events, sizeof(command->events), "--max-events=none");
        add(command, command->events);
    }
    add(command, command->kernel);
}

/* In the child: an image that prints for ever reaches the end of its file. */
static void become(const struct rs_kut_job *job, char **argv)
{
    const struct rlimit limit = {OUTPUT_MAX, OUTPUT_MAX};
    int null = open("/dev/null", O_RDONLY);

    setrlimit(RLIMIT_FSIZE, &limit);
    if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(job->output_fd, STDOUT_FILENO) >= 0 &&
        dup2(job->output_fd, STDERR_FILENO) >= 0)
        execv("/proc/self/exe", argv);
    _exit(RS_EXIT_HOST);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int rs_kut_job_start(struct rs_kut_job *job, const struct rs_kut_options *options,
                     struct rs_error *error)
{
    struct command *command = calloc(1, sizeof(*command));

    job->output_fd = memfd_create(job->test->name, MFD_CLOEXEC);
    if (!command || job->output_fd < 0 || fcntl(job->output_fd, F_SETFL, O_APPEND) != 0) {
        free(command);
        return rs_error_errno(error, RS_EXIT_HOST, errno, "%s", job->test->name);
    }
    build(command, job, options);
    job->attempts++;
    job->begun = now();
    job->pid = fork();
    if (job->pid == 0)
        become(job, command->argv);
    free(command);
    if (job->pid < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "fork");
    return 0;
}

static int keep_log(const struct rs_kut_job *job, const char *directory, struct rs_error *error)
{
    char path[PATH_MAX];
    FILE *file;
    bool written;

    snprintf(path, sizeof(path), "%s/%s.log", directory, job->test->name);
    file = fopen(path, "we");
    written = file && (job->output_size == 0 ||
                       fwrite(job->output, 1, job->output_size, file) == job->output_size);
    if (file && fclose(file) != 0)
        written = false;
    return written ? 0 : rs_error_errno(error, RS_EXIT_OUTPUT, errno, "--log '%s'", path);
}

static int collect(struct rs_kut_job *job, int wait_status, const struct rs_kut_options *options,
                   struct rs_error *error)
{
    struct stat status;

    job->done = true;
    job->seconds = now() - job->begun;
    job->pid = 0;
    job->status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    if (job->status == RS_EXIT_INTERRUPTED)
        return rs_error_set(error, RS_EXIT_INTERRUPTED, "interrupted in %s", job->test->name);
    if (fstat(job->output_fd, &status) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "%s", job->test->name);
    job->output_size = job->mapped_size = (size_t)status.st_size;
    if (job->output_size > 0) {
        void *output =
            mmap(NULL, job->mapped_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, job->output_fd, 0);

        if (output == MAP_FAILED)
            return rs_error_errno(error, RS_EXIT_HOST, errno, "%s", job->test->name);
        job->output = output;
    }
    if (wants_registers(options))
        rs_kut_take_registers(job);
    return options->logs ? keep_log(job, options->logs, error) : 0;
}

int rs_kut_job_wait(struct rs_kut_job *jobs, size_t count, const struct rs_kut_options *options,
                    struct rs_error *error)
{
    int status;
    pid_t pid;

    do {
        pid = wait(&status);
    } while (pid < 0 && errno == EINTR);
    if (pid < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "wait");
    for (size_t i = 0; i < count; i++)
        if (jobs[i].pid == pid)
            return collect(&jobs[i], status, options, error);
    return 0;
}

int rs_kut_job_finish(struct rs_kut_job *job, const struct rs_kut_options *options,
                      struct rs_error *error)
{
    int status;

    while (waitpid(job->pid, &status, 0) < 0)
        if (errno != EINTR)
            return rs_error_errno(error, RS_EXIT_HOST, errno, "wait");
    return collect(job, status, options, error);
}

void rs_kut_job_free(struct rs_kut_job *job)
{
    if (job->output)
        munmap(job->output, job->mapped_size);
    if (job->output_fd >= 0)
        close(job->output_fd);
    free(job->registers);
    job->output = NULL;
    job->output_size = 0;
    job->registers = NULL;
    job->output_fd = -1;
}
