/* SPDX-License-Identifier: MIT
 * A machine that runs the program `bench`. The measurement runs on the calling thread: one thread,
 * one processor, and the host's own calls are timed on it, too, while the guest stands still. */
#include "guest.h"

#include "bundle/bundle.h"
#include "host.h"
#include "records.h"

#include <inttypes.h>
#include <ringscope/abi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#define REQUEST_LIMIT_S 60
#define DRAIN_EXITS 4096
#define TRACED_RESTRICTIONS                                                                        \
    {                                                                                              \
        "syscall=all", "exception=UD", "interrupt=none", "msr=LSTAR"                               \
    }

static struct kvm_run *volatile running;
static volatile sig_atomic_t interrupted, timed_out;

static void on_signal(int number)
{
    struct kvm_run *run = running;

    if (number == SIGALRM)
        timed_out = 1;
    else
        interrupted = 1;
    if (run)
        run->immediate_exit = 1;
}

void rs_bench_signals(bool on)
{
    struct sigaction action = {.sa_handler = on ? on_signal : SIG_DFL};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    if (!on)
        alarm(0);
}

bool rs_bench_interrupted(void)
{
    return interrupted;
}

static void hand_over(void *context, struct rs_port_io *io)
{
    struct rs_bench_guest *guest = context;

    if (io->out)
        guest->handed_over = true;
    else
        io->value = 0;
}

static void drain(struct rs_bench_guest *guest)
{
    const struct rs_record *record;

    while ((record = rs_stream_peek(&guest->machine->cpus->stream))) {
        if (record->type == RS_RECORD_CONSOLE) /* what is wrong with it, if anything */
            fwrite(record->text, 1, record->size, stderr);
        else if (guest->event)
            guest->event(guest->context, &record->event);
        rs_stream_consume(&guest->machine->cpus->stream);
    }
}

static int lost(struct rs_bench_guest *guest, struct rs_error *error)
{
    const struct rs_stop *stop = &guest->machine->stop;

    if (interrupted)
        return rs_error_set(error, RS_EXIT_INTERRUPTED, "interrupted");
    if (timed_out)
        return rs_error_set(error, RS_EXIT_CRASH, "the guest has not answered for %d s",
                            REQUEST_LIMIT_S);
    if (stop->kind == RS_STOP_CRASH)
        return rs_error_set(error, RS_EXIT_CRASH, "the guest crashed: %s", stop->message);
    return rs_error_set(error, RS_EXIT_CRASH,
                        "the guest program ended before its work was done (%s %#" PRIx32 ")",
                        stop->kind == RS_STOP_BUG_CHECK ? "bug check" : "status", stop->value);
}

/* Who would drain a full ring is who fills it. A request makes fewer events than it has room for,
 * so that nothing is drained between its stamps; a guest that prints is not to be trusted with
 * that. */
static int run_until_handed_over(struct rs_bench_guest *guest, struct rs_error *error)
{
    bool goes_on = true;

    guest->handed_over = false;
    timed_out = 0;
    running = guest->machine->cpus->vcpu.run;
    alarm(REQUEST_LIMIT_S);
    while (goes_on && !guest->handed_over && !interrupted && !timed_out) {
        goes_on = rs_cpu_step(guest->machine->cpus);
        if (guest->machine->cpus->exits % DRAIN_EXITS == 0)
            drain(guest);
    }
    alarm(0);
    running = NULL;
    drain(guest);
    return guest->handed_over ? 0 : lost(guest, error);
}

static int make_filter(struct rs_filter *filter, struct rs_error *error)
{
    static const char *const restrictions[] = TRACED_RESTRICTIONS;
    struct rs_filter_error filter_error;

    rs_filter_init(filter);
    for (size_t i = 0; i < sizeof(restrictions) / sizeof(restrictions[0]); i++)
        if (rs_filter_parse(filter, restrictions[i], &filter_error) != 0)
            return rs_error_set(error, RS_EXIT_USAGE, "%s", filter_error.message);
    return 0;
}

/* A kind that is nowhere here leaves what every host has. */
static struct rs_hook_kinds kinds_of(const struct rs_bench_host *host, enum rs_hook_kind kind)
{
    const struct rs_hook_wish wish = {.wanted = (int)kind, .needs = host->needs};
    struct rs_hook_kinds kinds;

    (void)rs_hook_kinds_choose(&host->hook_costs, &wish, &kinds);
    return kinds;
}

bool rs_bench_lacks_hook(const struct rs_bench_item *item, const struct rs_bench_host *host,
                         char *why, size_t size)
{
    const enum rs_hook_place place =
        item->needs & RS_BENCH_AT_ENTRY ? RS_PLACE_SYSCALL : RS_PLACE_RETURNS;
    struct rs_hook_kinds kinds;
    enum rs_hook_kind kind;

    if (!(item->needs & (RS_BENCH_AT_ENTRY | RS_BENCH_AT_RETURN)) ||
        !rs_bench_variant_is_traced(item->variant, &kind))
        return false;
    kinds = kinds_of(host, kind);
    if (rs_hook_kind_of(&kinds, place) == kind)
        return false;
    if (host->hook_costs.absent[kind][0])
        snprintf(why, size, "this host cannot: %s", host->hook_costs.absent[kind]);
    else
        snprintf(why, size, "no %s hook of %s: it works in ring 0 alone here",
                 rs_hook_kind_name(kind), rs_hook_place_name(place));
    return true;
}

static int create(struct rs_bench_guest *guest, const struct rs_bench_host *host,
                  enum rs_bench_variant variant, struct rs_error *error)
{
    static char name[] = "bench";
    static char *arguments[] = {name, NULL};
    enum rs_hook_kind kind = RS_HOOK_GATE;
    const bool traced = rs_bench_variant_is_traced(variant, &kind);
    const bool kva = variant == RS_BENCH_KVA || variant == RS_BENCH_KVA_PCID;
    const struct rs_blob *program = rs_bundle_program(name);
    struct rs_machine_config config = {
        .kernel = host->kernel ? *host->kernel : *rs_bundle_kernel(),
        .arguments = arguments,
        .memory_size = RS_RAM_DEFAULT,
        .kva_shadow = kva,
        .cpu = variant == RS_BENCH_KVA ? &guest->cpu : NULL,
        .stamps = true,
        .hooks = {.kinds = kinds_of(host, kind),
                  .needs = host->needs,
                  .two_roots = kva,
                  .empty_span = host->empty_span,
                  .filter = traced ? &guest->filter : NULL},
    };

    if (!program)
        return rs_error_set(error, RS_EXIT_NOT_FOUND, "there is no bundled program 'bench'");
    config.program = *program;
    if (rs_cpu_model_parse("host,-pcid", &guest->cpu, error) != 0)
        return -1;
    if (traced && make_filter(&guest->filter, error) != 0)
        return -1;
    guest->machine = calloc(1, sizeof(*guest->machine));
    if (!guest->machine)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    if (rs_machine_create(guest->machine, host->kvm_fd, &config, error) != 0) {
        free(guest->machine);
        guest->machine = NULL;
        return -1;
    }
    rs_ports_add(&guest->machine->ports, RS_PORT_STAMPS, RS_PORT_STAMPS, hand_over, guest);
    return 0;
}

int rs_bench_guest_start(struct rs_bench_guest *guest, const struct rs_bench_host *host,
                         enum rs_bench_variant variant, struct rs_error *error)
{
    *guest = (struct rs_bench_guest){0};
    if (create(guest, host, variant, error) != 0)
        return -1;
    if (run_until_handed_over(guest, error) != 0) {
        rs_bench_guest_end(guest);
        return -1;
    }
    rs_vcpu_fetch(&guest->machine->cpus->vcpu);
    guest->pcid = rs_vcpu_sregs(&guest->machine->cpus->vcpu)->cr4 & CR4_PCIDE;
    return 0;
}

void rs_bench_guest_end(struct rs_bench_guest *guest)
{
    if (guest->machine)
        rs_machine_destroy(guest->machine);
    free(guest->machine);
    guest->machine = NULL;
}

int rs_bench_guest_measure(struct rs_bench_guest *guest, enum rs_operation operation,
                           uint32_t count, uint64_t parameter, struct rs_bench_batch *batch,
                           struct rs_error *error)
{
    struct rs_machine *machine = guest->machine;
    struct rs_stamps head = {
        .magic = RS_STAMPS_MAGIC,
        .capacity = RS_STAMP_RECORDS_MAX,
        .operation = operation,
        .count = count,
        .parameter = parameter,
    };
    uint64_t start = __rdtsc(), longest;

    if (rs_memory_write(&machine->vm.memory, machine->stamps_gpa, &head, sizeof(head)) != 0 ||
        run_until_handed_over(guest, error) != 0)
        return -1;
    longest = __rdtsc() - start;
    if (rs_memory_read(&machine->vm.memory, machine->stamps_gpa, &head, sizeof(head)) != 0)
        return rs_error_set(error, RS_EXIT_CRASH, "the stamp area has no memory");
    if (head.used > count)
        head.used = count;
    if (rs_memory_read(&machine->vm.memory, machine->stamps_gpa + sizeof(head), batch->records,
                       head.used * sizeof(batch->records[0])) != 0)
        return rs_error_set(error, RS_EXIT_CRASH, "the stamp area has no memory");
    batch->count = rs_bench_keep_sound(batch->records, head.used, longest);
    batch->unsound = head.used - batch->count;
    batch->status = head.status;
    return 0;
}
