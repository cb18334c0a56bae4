/* SPDX-License-Identifier: MIT
 * bench-boot: from nothing to the first ring-3 instruction, in time and in ring-0 instructions. */
#include "bundle/bundle.h"
#include "doctor/needs.h"
#include "exits/exits.h"
#include "kvm/kvm_host.h"
#include "machine/machine.h"
#include "table.h"
#include "trace/clock.h"

#include <inttypes.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#define BOOTS 31
#define GOAL_INSTRUCTIONS 3000
#define STEPS_MAX 1000000
#define FRAME_MAX 0x100 /* bytes that an entry has pushed after one instruction */

static bool kva_shadow;
static char *arguments[] = {(char[]){"ready"}, NULL};

static struct rs_machine *create(int kvm_fd, uint32_t needs, const struct rs_filter *filter,
                                 struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    const struct rs_blob *program = rs_bundle_program("ready");
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .arguments = arguments,
        .memory_size = RS_RAM_DEFAULT,
        .kva_shadow = kva_shadow,
        .hooks = {.filter = filter, .needs = needs, .two_roots = kva_shadow},
    };

    if (!machine || !program) {
        rs_error_set(error, RS_EXIT_HOST, "out of memory, or no program 'ready'");
        free(machine);
        return NULL;
    }
    config.program = *program;
    if (rs_machine_create(machine, kvm_fd, &config, error) == 0)
        return machine;
    free(machine);
    return NULL;
}

static void destroy(struct rs_machine *machine)
{
    rs_machine_destroy(machine);
    free(machine);
}

static bool read_guest(struct rs_machine *machine, uint64_t gva, void *buffer, size_t size)
{
    return rs_memory_read_virtual(&machine->vm.memory, rs_vcpu_sregs(&machine->cpus->vcpu)->cr3,
                                  gva, buffer, size) == 0;
}

/* The next instruction is an IRETQ to ring 3: *target is where. */
static bool is_return_to_ring_3(struct rs_machine *machine, uint64_t *target)
{
    const struct kvm_regs *regs = rs_vcpu_regs(&machine->cpus->vcpu);
    static const uint8_t iretq[2] = {0x48, 0xcf};
    uint64_t frame[2]; /* RIP, CS */
    uint8_t bytes[2];

    if (!read_guest(machine, regs->rip, bytes, sizeof(bytes)) || memcmp(bytes, iretq, 2) != 0 ||
        !read_guest(machine, regs->rsp, frame, sizeof(frame)) || (frame[1] & RPL_MASK) != 3)
        return false;
    *target = frame[0];
    return true;
}

/* In ring 0 again: whether by a fault at `target`, before anything there was executed. The frame is
 * where TSS.RSP0 says: SDM Vol. 3A, "64-Bit Mode Stack Frame". */
static bool has_faulted_at(struct rs_machine *machine, uint64_t target)
{
    uint64_t rsp0, rip;

    return read_guest(machine, rs_vcpu_sregs(&machine->cpus->vcpu)->tr.base + TSS64_RSP0, &rsp0,
                      8) &&
           rsp0 - rs_vcpu_regs(&machine->cpus->vcpu)->rsp < FRAME_MAX && /* SYSCALL loads no RSP */
           read_guest(machine, (rsp0 & ~RS_U64(15)) - 5 * 8, &rip, 8) && rip == target;
}

/* Ring-0 instructions until the first one of ring 3 is executed: those that serve its page faults
 * count. Some hosts single-step ring 0 only, so the end is seen by what ring 0 does next. 0 when
 * the host cannot step. */
static uint64_t count_instructions(struct rs_machine *machine)
{
    const struct kvm_run *run = machine->cpus->vcpu.run;
    uint64_t steps = 0, result = 0, target = 0;
    bool left = false; /* the last step was the IRETQ */

    if (rs_vcpu_set_guest_debug(&machine->cpus->vcpu,
                                KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP) != 0)
        return 0;
    /* Nothing is hooked, and yet each step is looked at. */
    rs_vcpu_want_registers(&machine->cpus->vcpu, true);
    while (steps < STEPS_MAX && rs_vcpu_run(&machine->cpus->vcpu) == 0) {
        bool ring_0 = rs_vcpu_sregs(&machine->cpus->vcpu)->ss.dpl == 0;

        if (!ring_0 && rs_vcpu_regs(&machine->cpus->vcpu)->rip == target)
            continue;
        if (left && !(ring_0 && has_faulted_at(machine, target)))
            return result;
        left = false;
        steps++;
        if (run->exit_reason != KVM_EXIT_DEBUG && rs_exit_handle(machine->cpus) != RS_EXIT_RESUME)
            return 0;
        if (is_return_to_ring_3(machine, &target)) {
            left = true;
            result = steps + 1;
        }
    }
    return 0;
}

/* TSC ticks from the creation of the machine to the first instruction of the program `ready`: it is
 * a system call, and the event says when it left ring 3. */
static uint64_t boot_ticks(int kvm_fd, uint32_t needs, const struct rs_filter *filter,
                           struct rs_error *error)
{
    uint64_t start = __rdtsc(), ticks = 0;
    struct rs_machine *machine = create(kvm_fd, needs, filter, error);

    if (!machine)
        return 0;
    for (bool running = true; running && ticks == 0;) {
        const struct rs_record *record;

        running = rs_cpu_step(machine->cpus);
        rs_hooks_resume(&machine->cpus->hooks, __rdtsc());
        while ((record = rs_stream_peek(&machine->cpus->stream)) != NULL) {
            if (record->type == RS_RECORD_EVENT && record->event.kind == RS_EVENT_SYSCALL)
                ticks = record->event.tsc_exit - start;
            rs_stream_consume(&machine->cpus->stream);
        }
    }
    destroy(machine);
    return ticks;
}

static int measure_time(int kvm_fd, uint32_t needs, struct rs_error *error)
{
    uint64_t ticks[BOOTS];
    struct rs_filter filter;
    struct rs_filter_error filter_error;
    struct rs_clock clock;

    rs_filter_init(&filter);
    if (rs_filter_parse(&filter, "exception=none", &filter_error) != 0)
        return rs_error_set(error, RS_EXIT_USAGE, "%s", filter_error.message);
    for (unsigned i = 0; i < BOOTS; i++) {
        ticks[i] = boot_ticks(kvm_fd, needs, &filter, error);
        if (ticks[i] == 0)
            return -1;
    }
    rs_clock_start(&clock, 0);
    printf("%-44s %10.3f ms (median of %d boots)\n", "machine created to first ring-3 instruction",
           (double)rs_clock_ns(&clock, rs_bench_median(ticks, BOOTS)) / 1e6, BOOTS);
    return 0;
}

static int measure_instructions(int kvm_fd, struct rs_error *error)
{
    struct rs_machine *machine = create(kvm_fd, 0, NULL, error);
    uint64_t steps;

    if (!machine)
        return -1;
    steps = count_instructions(machine);
    destroy(machine);
    if (steps == 0) {
        printf("%-44s %10s (this host cannot single-step)\n", "ring-0 instructions", "-");
        return 0;
    }
    printf("%-44s %10" PRIu64 " goal <= %d%s\n", "ring-0 instructions to ring 3", steps,
           GOAL_INSTRUCTIONS, steps <= GOAL_INSTRUCTIONS ? "" : "  MISSED");
    return steps <= GOAL_INSTRUCTIONS ? 0 : 1;
}

int main(int argc, char **argv)
{
    bool only_instructions = false;
    struct rs_error error = {.exit_code = RS_EXIT_CRASH, .message = "the guest did not boot"};
    int kvm_fd = rs_kvm_open(&error);
    uint32_t needs;
    int missed;

    for (int i = 1; i < argc; i++) {
        only_instructions |= strcmp(argv[i], "--instructions") == 0;
        kva_shadow |= strcmp(argv[i], "--kva-shadow") == 0;
    }
    if (kvm_fd < 0 || rs_doctor_needs(kvm_fd, &needs, &error) != 0) {
        fprintf(stderr, "bench-boot: %s\n", error.message);
        return error.exit_code;
    }
    rs_bench_heading("boot of the bundled kernel");
    missed = measure_instructions(kvm_fd, &error);
    if (missed < 0 || (!only_instructions && measure_time(kvm_fd, needs, &error) != 0)) {
        fprintf(stderr, "bench-boot: %s\n", error.message);
        return error.exit_code;
    }
    return missed;
}
