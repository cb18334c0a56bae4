/* SPDX-License-Identifier: MIT
 * Hooks: what the vCPUs of a machine have in common, and what is armed when. */
#include "hooks.h"

#include "internal.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <stdlib.h>
#include <string.h>

void rs_lock_init(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static void want(struct rs_hook_set *set)
{
    const struct rs_filter *filter = set->muted ? NULL : set->config.filter;
    uint32_t needs = set->config.needs;

    set->returns_wanted = filter && rs_filter_any_service(filter);
    for (unsigned vector = 0; vector < RS_VECTOR_COUNT; vector++) {
        set->vector_wanted[vector] = filter && (rs_filter_vector(filter, (uint8_t)vector) ||
                                                rs_filter_interrupt(filter, (uint8_t)vector));
        set->returns_wanted |= set->vector_wanted[vector];
    }
    if (needs & RS_NEED_INT_N_UD)
        set->vector_wanted[RS_VECTOR_UD] = true;
    if (needs & RS_NEED_INT_N_GP)
        set->vector_wanted[RS_VECTOR_GP] = true;
    set->lstar_wanted = (filter && rs_filter_any_service(filter)) || (needs & RS_NEED_SYSCALL) != 0;
}

/* What the filter names, and the registers that steer SYSCALL: they tell where the handler is, and
 * that descriptor tables are in place. */
int rs_hooks_filter_msrs(const struct rs_hooks_config *config, struct rs_vm *vm,
                         struct rs_error *error)
{
    struct rs_msr_range ranges[RS_FILTER_MSR_RANGES_MAX + 1] = {{MSR_EFER, MSR_FMASK, true, true}};
    const struct rs_filter *filter = config->filter;
    unsigned count = 1;

    if (!filter && !config->needs)
        return 0;
    for (unsigned i = 0; filter && i < filter->hooked.msr_range_count; i++)
        ranges[count++] = (struct rs_msr_range){filter->hooked.msr_ranges[i].first,
                                                filter->hooked.msr_ranges[i].last, true, true};
    return rs_vm_set_msr_filter(vm, ranges, count, error);
}

int rs_hook_set_init(struct rs_hook_set *set, const struct rs_hooks_config *config,
                     struct rs_vm *vm, unsigned cpu_count, const struct rs_blob *kernel,
                     struct rs_error *error)
{
    memset(set, 0, sizeof(*set));
    set->vm = vm;
    set->config = *config;
    set->active = config->filter || config->needs;
    set->several = cpu_count > 1;
    set->out_in_window = rs_hook_kind_of(&config->kinds, RS_PLACE_SYSCALL) == RS_HOOK_SITE ||
                         rs_hook_kind_of(&config->kinds, RS_PLACE_GATES) == RS_HOOK_SITE;
    set->spans.copies = config->two_roots;
    rs_lock_init(&set->lock);
    if (!set->active)
        return 0;
    want(set);
    rs_arguments_init();
    if (config->filter) { /* pages that no expression needs are never touched */
        set->filtered = calloc(cpu_count, sizeof(*set->filtered));
        if (!set->filtered)
            return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    }
    return (config->filter || config->two_roots) && kernel && kernel->bytes
               ? rs_sites_find(set, kernel, error)
               : 0;
}

void rs_hook_set_free(struct rs_hook_set *set)
{
    free(set->filtered);
    set->filtered = NULL;
    set->active = false; /* the rest lives in the structure and in the VM */
}

void rs_hooks_arm(struct rs_hook_set *set, bool armed)
{
    if (!set->active || set->muted == !armed)
        return;
    for (unsigned i = 0; i < set->cpu_count; i++) {
        struct rs_hooks *hooks = set->cpus[i];

        rs_marks_put(hooks, armed ? RS_EVENT_ARM : RS_EVENT_DISARM, 0, 0);
        hooks->exit_number++;
        hooks->has_returned = false;
        hooks->site_lifted = -1;
    }
    set->muted = !armed;
    set->spans.count = 0;
    want(set);
    rs_sites_put(set, false);
    rs_gates_rearm(set);
    for (unsigned i = 0; i < set->cpu_count; i++)
        rs_hooks_guest_debug(set->cpus[i]);
    if (set->several && set->returns_wanted)
        rs_sites_put(set, true);
}
