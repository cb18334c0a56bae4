/* SPDX-License-Identifier: MIT
 * Which host runs a command, and running it again on the emulated one. */
#include "host.h"

#include "budget.h"
#include "host/emulated.h"
#include "kvm/kvm_host.h"
#include "options.h"
#include "sandbox/sandbox.h"
#include "trace/ctf/directory.h"
#include "trace/ctf/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A guest that touches all its memory needs a machine that has it: of two sizes, since each is
 * kept. */
#define LARGE_GUEST (UINT64_C(512) << 20)
#define LARGE_MACHINE_MIB 4096

#define INNER_KERNEL "/in/kernel"
#define INNER_INITRD "/in/initrd"
#define INNER_PAGEFILE "/pagefile"
#define INNER_PROGRAM_DIRECTORY "/in/program/"
#define INNER_OUTPUT "/out/trace"
#define INNER_RECORD "/out/trace.ctf"

static const char *const names[] = {[RS_HOST_AUTO] = "auto",
                                    [RS_HOST_KVM] = "kvm",
#define X(id, name, emulator, model, module, meaning) [RS_HOST_EMULATED + RS_HOST_KIND_##id] = name,
                                    RS_HOST_KINDS(X)
#undef X
};

const char *rs_host_name(enum rs_host_choice choice)
{
    return names[choice];
}

int rs_host_parse(const char *value, enum rs_host_choice *choice, struct rs_error *error)
{
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(value, names[i]) == 0) {
            *choice = (enum rs_host_choice)i;
            return 0;
        }
    }
    return rs_error_set(error, RS_EXIT_USAGE,
                        "--host '%s': one of auto kvm tcg bochs-intel bochs-amd", value);
}

enum rs_host_kind rs_host_kind(enum rs_host_choice choice)
{
    return choice < RS_HOST_EMULATED ? RS_HOST_KIND_TCG
                                     : (enum rs_host_kind)(choice - RS_HOST_EMULATED);
}

int rs_host_open(enum rs_host_choice choice, bool *emulate, struct rs_error *error)
{
    int kvm_fd;

    *emulate = choice >= RS_HOST_EMULATED;
    if (*emulate)
        return -1;
    kvm_fd = rs_kvm_open(error);
    if (kvm_fd < 0 && choice == RS_HOST_AUTO) {
        fprintf(stderr, "ringscope: %s\nringscope: going on with the emulated host\n",
                error->message);
        *emulate = true;
    }
    return kvm_fd;
}

/* The command line inside: the same, with paths that exist there. What is appended behind the
 * options counts, whatever stood before. */
struct inner {
    const char **argv;
    size_t count;
    struct rs_emulated_input inputs[3 + RS_MODULES_MAX];
    size_t input_count;
    struct rs_emulated_output outputs[2 + RS_CPUS_MAX]; /* -o, and the files of a record */
    size_t output_count;
    struct rs_ctf_ring rings[RS_CPUS_MAX]; /* of the streams, with --ring-size */
    char program[512];
    char modules[RS_MODULES_MAX][64]; /* --module=PATH */
    char pagefile[64];
    char user[64];
    char record_files[1 + RS_CPUS_MAX][sizeof(INNER_RECORD) + RS_CTF_STREAM_NAME_SIZE];
    char budgets[2][64];
};

static void add(struct inner *inner, const char *argument)
{
    inner->argv[inner->count++] = argument;
}

static int option_count(const struct rs_emulation *emulation)
{
    int end = emulation->argc;

    for (int i = 1; emulation->program && i < emulation->argc; i++) {
        if (emulation->argv + i == emulation->program) {
            end = i;
            break;
        }
    }
    return end > 1 && strcmp(emulation->argv[end - 1], "--") == 0 ? end - 1 : end;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void add_program(struct inner *inner, const struct rs_emulation *emulation)
{
    add(inner, "--");
    if (emulation->program_file) {
        snprintf(inner->program, sizeof(inner->program), INNER_PROGRAM_DIRECTORY "%s",
                 base_name(emulation->program_file));
        inner->inputs[inner->input_count++] =
            (struct rs_emulated_input){emulation->program_file, inner->program};
        add(inner, inner->program);
    } else {
        add(inner, emulation->program[0]);
    }
    for (char *const *argument = emulation->program + 1; *argument; argument++)
        add(inner, *argument);
}

/* Names are checked already: they are short. A directory each keeps them as they are. */
static void add_modules(struct inner *inner, const struct rs_emulation *emulation)
{
    static const char option[] = "--module=";

    if (emulation->module_count)
        add(inner, "--module=none");
    for (unsigned i = 0; i < emulation->module_count; i++) {
        snprintf(inner->modules[i], sizeof(inner->modules[i]), "%s/in/module/%u/%s", option, i,
                 base_name(emulation->modules[i]));
        inner->inputs[inner->input_count++] = (struct rs_emulated_input){
            emulation->modules[i], inner->modules[i] + sizeof(option) - 1};
        add(inner, inner->modules[i]);
    }
}

/* A paging file is of use to its guest alone: it stays in the emulated machine. */
static void add_pagefile(struct inner *inner, const struct rs_emulation *emulation)
{
    if (emulation->pagefile_size == 0)
        return;
    snprintf(inner->pagefile, sizeof(inner->pagefile), "--pagefile=" INNER_PAGEFILE ":%" PRIu64,
             emulation->pagefile_size);
    add(inner, inner->pagefile);
}

/* There are no names of users inside. */
static void add_user(struct inner *inner, const struct rs_sandbox *sandbox)
{
    if (!sandbox || !sandbox->has_user)
        return;
    snprintf(inner->user, sizeof(inner->user), "--user=%u:%u", sandbox->uid, sandbox->gid);
    add(inner, inner->user);
}

/* Inside, files are pipes: what a disk has left is known here. */
static void add_budget(struct inner *inner, const struct rs_emulation *emulation)
{
    int fds[RS_EMULATED_OUTPUTS_MAX];
    struct rs_budget budget;

    if (!emulation->budget)
        return;
    for (size_t i = 0; i < inner->output_count; i++)
        fds[i] = inner->outputs[i].host_fd;
    budget = *emulation->budget;
    rs_budget_begin(&budget, fds, (unsigned)inner->output_count, STDOUT_FILENO);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t limit = budget.limits[i ? RS_BUDGET_TRACE : RS_BUDGET_CONSOLE];

        if (limit == RS_BUDGET_NONE)
            continue;
        snprintf(inner->budgets[i], sizeof(inner->budgets[i]), "--max-%s=%" PRIu64,
                 i ? "trace" : "console", limit);
        add(inner, inner->budgets[i]);
    }
}

static void build(struct inner *inner, const struct rs_emulation *emulation)
{
    const char *blank = strchr(emulation->argv[0], ' ');

    add(inner, "ringscope");
    add(inner, blank ? blank + 1 : emulation->argv[0]);
    for (int i = 1; i < option_count(emulation); i++)
        add(inner, emulation->argv[i]);
    add(inner, "--host=kvm");
    if (emulation->kernel_file) {
        inner->inputs[inner->input_count++] =
            (struct rs_emulated_input){emulation->kernel_file, INNER_KERNEL};
        add(inner, "--kernel=" INNER_KERNEL);
    }
    if (emulation->initrd_file) {
        inner->inputs[inner->input_count++] =
            (struct rs_emulated_input){emulation->initrd_file, INNER_INITRD};
        add(inner, "--initrd=" INNER_INITRD);
    }
    add_modules(inner, emulation);
    add_pagefile(inner, emulation);
    add_user(inner, emulation->sandbox);
    add_budget(inner, emulation);
    if (emulation->output_file)
        add(inner, "--output=" INNER_OUTPUT);
    if (emulation->record_directory)
        add(inner, "--record=" INNER_RECORD);
    if (emulation->program)
        add_program(inner, emulation);
    add(inner, NULL);
}

static int run(struct inner *inner, const struct rs_emulation *emulation)
{
    struct rs_emulated_command command = {
        .kind = emulation->kind,
        .argv = inner->argv,
        .inputs = inner->inputs,
        .input_count = inner->input_count,
        .outputs = inner->outputs,
        .output_count = inner->output_count,
        .memory_mib = emulation->memory_size > LARGE_GUEST ? LARGE_MACHINE_MIB : 0,
        .no_stdin = emulation->no_stdin,
        .timeout_s = emulation->timeout_s,
        .sandbox = emulation->sandbox,
        .verbose = emulation->verbose,
    };
    struct rs_error error;
    int status = rs_emulated_run(&command, &error);

    if (status >= 0)
        return status;
    fprintf(stderr, "ringscope: %s\n", error.message);
    return error.exit_code;
}

static int output_failed(const char *path)
{
    fprintf(stderr, "ringscope: output '%s': %s\n", path, strerror(errno));
    return RS_EXIT_OUTPUT;
}

static void add_output(struct inner *inner, const char *path, int fd, struct rs_ctf_ring *ring)
{
    inner->outputs[inner->output_count++] = (struct rs_emulated_output){path, fd, ring};
}

/* The files of a stream; the first one's descriptor, or -1. */
static int open_ring(struct rs_ctf_ring *ring, int directory, const char *path, unsigned stream,
                     struct rs_error *error)
{
    char name[RS_CTF_STREAM_NAME_SIZE];

    while (ring->count < RS_CTF_RING_FILES) {
        int fd;

        rs_ctf_stream_name(name, stream, true, ring->count);
        fd = rs_ctf_create(directory, path, name, error);
        if (fd < 0)
            return -1;
        ring->fds[ring->count++] = fd;
    }
    return ring->fds[0];
}

/* A file of a record: here `name` in `directory`, and under that name inside. What is a ring here
 * is one file there. */
static int open_record_file(struct inner *inner, int directory, const char *path, unsigned number,
                            uint64_t limit, struct rs_error *error)
{
    char *inner_path = inner->record_files[number];
    char name[RS_CTF_STREAM_NAME_SIZE] = "metadata";
    struct rs_ctf_ring *ring = NULL;
    int fd;

    if (number > 0)
        rs_ctf_stream_name(name, number - 1, false, 0);
    snprintf(inner_path, sizeof(inner->record_files[number]), INNER_RECORD "/%s", name);
    if (number > 0 && limit != UINT64_MAX) {
        ring = &inner->rings[number - 1];
        ring->limit = limit;
        fd = open_ring(ring, directory, path, number - 1, error);
    } else {
        fd = rs_ctf_create(directory, path, name, error);
    }
    if (fd >= 0)
        add_output(inner, inner_path, fd, ring);
    return fd;
}

/* The metadata, then the stream of each vCPU. */
static int open_record(struct inner *inner, const struct rs_emulation *emulation)
{
    unsigned cpu_count = emulation->cpu_count;
    uint64_t limit = rs_ctf_ring_limit(emulation->ring_size, cpu_count);
    const char *path = emulation->record_directory;
    struct rs_error error;
    int directory = rs_ctf_directory(path, &error);
    int fd = directory;

    for (unsigned i = 0; fd >= 0 && i <= cpu_count && i <= RS_CPUS_MAX; i++)
        fd = open_record_file(inner, directory, path, i, limit, &error);
    if (directory >= 0)
        close(directory);
    if (fd >= 0)
        return 0;
    fprintf(stderr, "ringscope: %s\n", error.message);
    return error.exit_code;
}

static int open_outputs(struct inner *inner, const struct rs_emulation *emulation)
{
    int fd;

    if (emulation->output_file) {
        fd = open(emulation->output_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0)
            return output_failed(emulation->output_file);
        add_output(inner, INNER_OUTPUT, fd, NULL);
    }
    return emulation->record_directory ? open_record(inner, emulation) : 0;
}

static int close_output(const struct rs_emulated_output *output)
{
    int result = 0;

    if (!output->ring)
        return close(output->host_fd);
    for (unsigned i = 0; i < output->ring->count; i++)
        if (close(output->ring->fds[i]) != 0)
            result = -1;
    return result;
}

static int close_outputs(const struct inner *inner, const struct rs_emulation *emulation,
                         int exit_code)
{
    for (size_t i = 0; i < inner->output_count; i++)
        if (close_output(&inner->outputs[i]) != 0)
            exit_code =
                output_failed(i == 0 && emulation->output_file ? emulation->output_file
                                                               : emulation->record_directory);
    return exit_code;
}

int rs_host_emulate(const struct rs_emulation *emulation)
{
    struct inner inner = {0};
    size_t arguments = 0;
    int exit_code;

    while (emulation->program && emulation->program[arguments])
        arguments++;
    /* Its own arguments: the command's name, ten options, the modules, "--" and the end. */
    inner.argv = calloc((size_t)emulation->argc + arguments + emulation->module_count + 14,
                        sizeof(*inner.argv));
    if (!inner.argv) {
        fprintf(stderr, "ringscope: out of memory\n");
        return RS_EXIT_HOST;
    }
    exit_code = open_outputs(&inner, emulation);
    if (exit_code == 0) {
        build(&inner, emulation);
        exit_code = run(&inner, emulation);
    }
    exit_code = close_outputs(&inner, emulation, exit_code);
    free(inner.argv);
    return exit_code;
}
