/* SPDX-License-Identifier: MIT
 * ringscope bench: the measurement itself. */
#include "bench.h"

#include "bench/fingerprint.h"
#include "doctor/needs.h"
#include "kvm/cpuid.h"
#include "kvm/kvm_host.h"
#include "kvm/vcpu.h"
#include "trace/clock.h"

#include <ringscope/x86/cpu.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    unsigned boots, runs, samples;
} defaults = {3, 5, 60}, quick = {2, 3, 20};

size_t rs_bench_choose(const struct rs_bench_options *options, struct rs_bench_item **items)
{
    const struct rs_bench_item *item;
    size_t count = 0;

    for (size_t i = 0; rs_bench_item_at(i); i++)
        count++;
    *items = calloc(count + 1, sizeof(**items));
    count = 0;
    for (size_t i = 0; *items && (item = rs_bench_item_at(i)); i++) {
        bool wanted = options->what_count == 0;

        for (unsigned k = 0; k < options->what_count; k++)
            wanted |= rs_bench_item_is(item, options->what[k]);
        if (wanted)
            (*items)[count++] = *item;
    }
    return count;
}

static void show_progress(unsigned done, unsigned all, const char *what)
{
    if (!isatty(STDERR_FILENO))
        return;
    if (done < all)
        fprintf(stderr, "\r\033[Kringscope: %u of %u runs, %s", done, all, what);
    else
        fprintf(stderr, "\r\033[K");
}

static int ask_host(struct rs_bench_host *host, struct rs_error *error)
{
    struct kvm_cpuid2 *cpuid = rs_cpuid_supported(host->kvm_fd, error);
    const struct kvm_cpuid_entry2 *features = cpuid ? rs_cpuid_find(cpuid, 1, 0) : NULL;
    struct rs_hook_kinds kinds;
    struct rs_clock clock;
    struct rs_vcpu vcpu;
    struct rs_vm vm;

    host->pcid = features && (features->ecx & CPUID_1_ECX_PCID);
    free(cpuid);
    if (!features || rs_vm_create(&vm, host->kvm_fd, error) != 0)
        return -1;
    if (rs_vcpu_create(&vcpu, &vm, 0, error) == 0) {
        host->tsc_hz = rs_vcpu_tsc_hz(&vcpu);
        rs_vcpu_destroy(&vcpu);
    }
    rs_vm_destroy(&vm);
    host->tsc_told = host->tsc_hz != 0;
    rs_clock_start(&clock, host->tsc_hz);
    host->tsc_hz = clock.tsc_hz;
    host->emulated = rs_kvm_host_is_emulated();
    if (rs_doctor_needs(host->kvm_fd, &host->needs, error) != 0)
        return -1;
    /* Sites are there on every host: their empty span is that of the known answer. */
    return rs_doctor_hook_kinds(
        host->kvm_fd, &(struct rs_hook_wish){.wanted = RS_HOOK_SITE, .needs = host->needs},
        &host->hook_costs, &kinds, &host->empty_span, error);
}

static unsigned choose(unsigned given, unsigned usual)
{
    return given ? given : usual;
}

static int refuse(const struct rs_bench_result *result, struct rs_error *error)
{
    for (unsigned i = 0; i < result->warning_count; i++)
        if (result->warnings[i].noise)
            return rs_error_set(error, RS_EXIT_NOISY, "--strict: %s", result->warnings[i].text);
    return 0;
}

int rs_bench_run(const struct rs_bench_options *options, int kvm_fd, struct rs_bench_result *result,
                 struct rs_error *error)
{
    struct rs_bench_host host = {.kvm_fd = kvm_fd};
    struct rs_bench_item *items = NULL;
    struct rs_bench_plan plan = {
        .boots = choose(options->boots, options->quick ? quick.boots : defaults.boots),
        .runs = choose(options->runs, options->quick ? quick.runs : defaults.runs),
        .samples = choose(options->samples, options->quick ? quick.samples : defaults.samples),
        .plant = options->plant,
        .progress = show_progress,
    };
    int cpu = rs_bench_pin();
    int status = ask_host(&host, error);

    if (status == 0) {
        rs_bench_fingerprint(result, &host, cpu);
        if (options->strict)
            status = refuse(result, error);
    }
    if (status == 0) {
        plan.item_count = rs_bench_choose(options, &items);
        plan.items = items;
        status = rs_bench_measure(&plan, &host, result, error);
        free(items);
    }
    if (status == 0)
        rs_bench_fingerprint_end(result);
    return status;
}
