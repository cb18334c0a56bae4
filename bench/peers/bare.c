/* SPDX-License-Identifier: MIT
 * bench-bare: the guest of bench/peers in the least loop that there can be around KVM_RUN: what an
 * exit costs before any VMM has looked at it. */
#include "kvm/kvm_host.h"
#include "machine/direct_boot.h"
#include "machine/machine.h"

#include <ringscope/abi.h>
#include <stdio.h>
#include <stdlib.h>

#define MEMORY (RS_U64(16) << 20)

extern const unsigned char bench_peer_exits_image[];
extern const size_t bench_peer_exits_size;

/* False: the guest is done. Nothing of the registers is asked for. */
static bool handle(const struct kvm_run *run)
{
    if (run->exit_reason == KVM_EXIT_IO && run->io.port == RS_PORT_COM1)
        putchar(((const char *)run)[run->io.data_offset]);
    return run->exit_reason == KVM_EXIT_MMIO ||
           (run->exit_reason == KVM_EXIT_IO && run->io.port != RS_PORT_DEBUG_EXIT);
}

static int run(int kvm_fd, struct rs_error *error)
{
    struct rs_machine_config config = {
        .kernel = {.name = "peer_exits",
                   .bytes = bench_peer_exits_image,
                   .size = bench_peer_exits_size},
        .protocol = RS_PROTOCOL_PVH,
        .memory_size = MEMORY,
    };
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_vcpu *vcpu;

    if (!machine || rs_machine_create(machine, kvm_fd, &config, error) != 0) {
        free(machine);
        return -1;
    }
    vcpu = &machine->cpus->vcpu;
    vcpu->run->kvm_valid_regs = 0;
    while (rs_vcpu_run(vcpu) == 0 && handle(vcpu->run))
        ;
    rs_machine_destroy(machine);
    free(machine);
    return fflush(stdout);
}

int main(void)
{
    struct rs_error error = {.exit_code = RS_EXIT_HOST, .message = "out of memory"};
    int kvm_fd = rs_kvm_open(&error);

    if (kvm_fd >= 0 && run(kvm_fd, &error) == 0)
        return 0;
    fprintf(stderr, "bench-bare: %s\n", error.message);
    return error.exit_code;
}
