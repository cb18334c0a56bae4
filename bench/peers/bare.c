/* SPDX-License-Identifier: MIT
 * bench-bare [--own-files|--confined]: the guest of bench/peers in the least loop that there can be
 * around KVM_RUN: what an exit costs before any VMM has looked at it. The loop is a thread, which
 * shares its table of descriptors as QEMU's do; with --own-files it has one of its own; confined,
 * the system calls of ringscope's vCPU thread alone, too, so that what they cost is in it. */
#include "kvm/kvm_host.h"
#include "machine/direct_boot.h"
#include "machine/machine.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <pthread.h>
#include <ringscope/abi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY (RS_U64(16) << 20)

extern const unsigned char bench_peer_exits_image[];
extern const size_t bench_peer_exits_size;

/* A signal is no exit. */
static int run_once(struct rs_vcpu *vcpu)
{
    int result;

    do
        result = rs_vcpu_run(vcpu);
    while (result == -EINTR);
    return result;
}

/* False: the guest is done. Nothing of the registers is asked for. */
static bool handle(const struct kvm_run *run)
{
    if (run->exit_reason == KVM_EXIT_IO && run->io.port == RS_PORT_COM1)
        putchar(((const char *)run)[run->io.data_offset]);
    return run->exit_reason == KVM_EXIT_MMIO ||
           (run->exit_reason == KVM_EXIT_IO && run->io.port != RS_PORT_DEBUG_EXIT);
}

struct kind {
    const char *option;
    bool own_files, confined;
};

static const struct kind kinds[] = {
    {NULL, false, false},
    {"--own-files", true, false},
    {"--confined", true, true},
};

struct loop {
    struct rs_vcpu *vcpu;
    bool own_files;
    const struct rs_sandbox_filter *filter; /* without instructions: not confined */
    int result;
};

/* As ringscope has it, a thread of its own: the calls that end the process are not the vCPU's. */
static void *run_vcpu(void *context)
{
    struct loop *loop = context;

    if (loop->own_files)
        loop->result = rs_sandbox_keep_files(&loop->vcpu->fd, 1);
    if (loop->result == 0)
        loop->result = rs_sandbox_confine(loop->filter, NULL, NULL);
    while (loop->result == 0 && run_once(loop->vcpu) == 0 && handle(loop->vcpu->run))
        ;
    return NULL;
}

static int run_thread(struct rs_vcpu *vcpu, const struct kind *kind, struct rs_error *error)
{
    const struct rs_sandbox sandbox = {.mode = kind->confined ? RS_SANDBOX_ON : RS_SANDBOX_OFF};
    struct rs_sandbox_filter filter = {0};
    struct loop loop = {.vcpu = vcpu, .own_files = kind->own_files, .filter = &filter};
    pthread_t thread;
    int result = rs_sandbox_enter(&sandbox, error);

    if (result == 0 && kind->confined)
        result = rs_sandbox_make_filter(&filter, RS_SANDBOX_VCPU_OWN_FILES, error);
    if (result != 0)
        return result;
    result = pthread_create(&thread, NULL, run_vcpu, &loop);
    if (result == 0)
        result = pthread_join(thread, NULL);
    rs_sandbox_free_filter(&filter);
    if (result == 0)
        result = -loop.result;
    return result == 0 ? 0 : rs_error_errno(error, RS_EXIT_HOST, result, "the vCPU's thread");
}

static int run(int kvm_fd, const struct kind *kind, struct rs_error *error)
{
    static char buffer[1 << 16]; /* what is printed: no memory is asked for on the way */
    struct rs_machine_config config = {
        .kernel = {.name = "peer_exits",
                   .bytes = bench_peer_exits_image,
                   .size = bench_peer_exits_size},
        .protocol = RS_PROTOCOL_PVH,
        .memory_size = MEMORY,
    };
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    int result;

    if (!machine || rs_machine_create(machine, kvm_fd, &config, error) != 0) {
        free(machine);
        return -1;
    }
    machine->cpus->vcpu.run->kvm_valid_regs = 0;
    setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    result = run_thread(&machine->cpus->vcpu, kind, error);
    rs_machine_destroy(machine);
    free(machine);
    return result == 0 ? fflush(stdout) : result;
}

static const struct kind *find_kind(int argc, char **argv)
{
    if (argc == 1)
        return &kinds[0];
    for (size_t i = 1; argc == 2 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(argv[1], kinds[i].option) == 0)
            return &kinds[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const struct kind *kind = find_kind(argc, argv);
    struct rs_error error = {.exit_code = RS_EXIT_HOST, .message = "out of memory"};
    int kvm_fd;

    if (!kind) {
        fprintf(stderr, "usage: bench-bare [--own-files|--confined]\n");
        return RS_EXIT_USAGE;
    }
    kvm_fd = rs_kvm_open(&error);
    if (kvm_fd >= 0 && run(kvm_fd, kind, &error) == 0)
        return 0;
    fprintf(stderr, "bench-bare: %s\n", error.message);
    return error.exit_code;
}
