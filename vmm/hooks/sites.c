/* SPDX-License-Identifier: MIT
 * Site hooks: IRETQ and SYSRETQ. */
#include "internal.h"
#include "loader/elf64.h"

#include <string.h>

int rs_sites_find(struct rs_hook_set *set, const struct rs_blob *kernel, struct rs_error *error)
{
    struct rs_elf64_image image;
    struct rs_elf64_error elf;
    size_t count;

    if (rs_elf64_parse(kernel->bytes, kernel->size, &image, &elf) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s: %s", kernel->name, elf.message);
    count = rs_insn_find_returns(&image, set->sites, RS_SITES_MAX);
    if (count > RS_SITES_MAX)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "%s: %zu IRETQ and SYSRETQ instructions; at most %d can be hooked",
                            kernel->name, count, RS_SITES_MAX);
    for (size_t i = 0; i < count; i++)
        if (rs_window_put_pristine(set, (unsigned)i, set->sites[i].bytes, set->sites[i].length) !=
            0)
            return rs_error_set(error, RS_EXIT_HOST, "no memory for pristine instructions");
    set->site_count = count;
    return 0;
}

/* Writes two bytes over a site, when the guest's code there is what it was: a kernel that changed
 * its own code keeps it. */
static void write_patch(struct rs_hook_set *set, size_t index, bool armed,
                        const uint8_t patch[RS_OUT_SIZE])
{
    const uint8_t *original = set->sites[index].bytes;
    struct rs_place *place = &set->places[index];

    if (!place->host && rs_memory_find_place(&set->vm->memory, set->sites[index].gpa, place) != 0)
        return;
    rs_place_replace(place, armed ? original : patch, armed ? patch : original);
}

static const uint8_t out_patch[RS_OUT_SIZE] = {RS_OPCODE_OUT, RS_PORT_SITE};

/* One byte: the second stays. */
static void put_int3(struct rs_hook_set *set, size_t index, bool armed)
{
    const uint8_t patch[RS_OUT_SIZE] = {RS_OPCODE_INT3, set->sites[index].bytes[1]};

    write_patch(set, index, armed, patch);
}

/* Where a breakpoint is, nothing is written. */
static void put(struct rs_hook_set *set, size_t index, bool armed)
{
    if (rs_hook_kind_of(&set->config.kinds, RS_PLACE_RETURNS) == RS_HOOK_INT3)
        put_int3(set, index, armed);
    else if (!rs_breakpoints_have_return(set, index))
        write_patch(set, index, armed, out_patch);
}

void rs_sites_put(struct rs_hook_set *set, bool armed)
{
    enum rs_hook_kind kind = rs_hook_kind_of(&set->config.kinds, RS_PLACE_RETURNS);
    size_t index = kind == RS_HOOK_BREAKPOINT ? RS_BREAKPOINT_RETURNS : 0;

    if (atomic_load_explicit(&set->sites_armed, memory_order_relaxed) == armed)
        return;
    if (kind == RS_HOOK_INT3)
        for (; index < set->site_count; index++)
            put_int3(set, index, armed);
    for (; index < set->site_count; index++)
        write_patch(set, index, armed, out_patch);
    atomic_store_explicit(&set->sites_armed, armed, memory_order_relaxed);
}

/* With several vCPUs patched sites cannot come later: see below. Nothing is patched before the
 * first IDT is armed, and that is when most are found. */
void rs_sites_added(struct rs_hook_set *set, size_t index)
{
    if (!set->several && atomic_load_explicit(&set->sites_armed, memory_order_relaxed))
        put(set, index, true);
}

/*
 * SDM Vol. 3A, "Handling Self- and Cross-Modifying Code": code that another processor may be
 * executing must not be changed without synchronising that processor first, and an exit
 * synchronises the own one alone. So with several vCPUs sites are patched once, when the first IDT
 * is armed: the kernel starts other processors after it has one. They stay patched, but for
 * rs_hooks_arm(), which has all vCPUs wait outside the guest. With one vCPU nobody else executes.
 */
void rs_sites_arm(struct rs_hooks *hooks, bool armed)
{
    struct rs_hook_set *set = hooks->set;

    if (atomic_load_explicit(&set->sites_armed, memory_order_relaxed) == armed ||
        (set->several && !armed) || rs_window_ensure(hooks) != 0)
        return;
    rs_hooks_lock(set);
    rs_sites_put(set, armed);
    rs_hooks_unlock(set);
    hooks->site_lifted = -1;
}

void rs_sites_put_back(struct rs_hooks *hooks)
{
    if (atomic_load_explicit(&hooks->set->sites_armed, memory_order_relaxed))
        put(hooks->set, (size_t)hooks->site_lifted, true);
    hooks->site_lifted = -1;
}

/* Some hosts report the OUT with RIP at it, others with RIP behind it. */
static int find(const struct rs_hook_set *set, uint64_t rip)
{
    for (size_t i = 0; i < set->site_count; i++)
        if (set->sites[i].gva == rip)
            return (int)i;
    for (size_t i = 0; i < set->site_count; i++)
        if (set->sites[i].gva == rip - RS_OUT_SIZE)
            return (int)i;
    return -1;
}

static void run_model(struct rs_hooks *hooks, const struct rs_return_site *site,
                      const struct rs_model_env *env, struct rs_model_result *model)
{
    const struct rs_cause cause = {
        .kind = site->kind == RS_RETURN_IRETQ ? RS_CAUSE_IRET : RS_CAUSE_SYSRET,
        .length = site->length,
        .operand = 1,
    };

    rs_hooks_state(hooks, &model->after);
    model->after.rip = site->gva;
    rs_model_run(env, &model->after, &cause, model);
}

/* False: it will fault. */
static bool predict(struct rs_hooks *hooks, unsigned index, const struct rs_context *from,
                    struct rs_context *to)
{
    const struct rs_return_site *site = &hooks->set->sites[index];
    bool iret = site->kind == RS_RETURN_IRETQ;
    struct rs_known_reader reader = {.hooks = hooks};
    struct rs_model_env env = {rs_known_read, &reader, hooks->vendor, false};
    struct rs_model_result model;

    if (iret && rs_known_return_holds(hooks, index, from, to))
        return true;
    run_model(hooks, site, &env, &model);
    if (model.outcome != RS_MODEL_DONE)
        return false;
    *to = rs_context_of(&model.after);
    if (iret)
        rs_known_return_keep(&reader, index, from, to);
    return true;
}

static void report(struct rs_hooks *hooks, const struct rs_return_site *site,
                   const struct rs_context *from, const struct rs_context *to)
{
    const struct rs_span_thread thread = rs_hooks_thread(hooks);
    struct rs_event *event;
    struct rs_span entry;
    bool found;

    rs_hooks_lock(hooks->set);
    found = rs_spans_return(&hooks->set->spans, to->cpl, to->rsp, &thread, &entry);
    rs_hooks_unlock(hooks->set);
    if (!found)
        return;
    event =
        rs_hooks_event(hooks, site->kind == RS_RETURN_SYSRETQ ? RS_EVENT_SYSRET : RS_EVENT_IRET);
    event->code = (uint32_t)rs_vcpu_regs(hooks->vcpu)->rax;
    rs_event_contexts(event, from, to);
    rs_hooks_report_return(hooks, &entry, event);
}

/* The model's state instead of the host's: of a fault, or of a return whose copy cannot be reached.
 */
static bool stand_in(struct rs_hooks *hooks, const struct rs_return_site *site,
                     const struct rs_context *from)
{
    struct rs_model_env env = {rs_gates_model_read, hooks, hooks->vendor, false};
    struct rs_model_result model;

    run_model(hooks, site, &env, &model);
    if (model.outcome == RS_MODEL_DONE)
        return rs_repair(hooks, &model) == 0;
    return rs_gates_put_fault(hooks, from, &model) == RS_FETCH_HANDLED;
}

/* It will fault: let it, at its own address. Other vCPUs' returns must not miss the site meanwhile:
 * with several the model's fault is put into this one. */
static bool let_fault(struct rs_hooks *hooks, unsigned index, const struct rs_context *from)
{
    const struct rs_return_site *site = &hooks->set->sites[index];

    if (hooks->set->several)
        return stand_in(hooks, site, from);
    put(hooks->set, index, false);
    hooks->site_lifted = (int)index;
    rs_vcpu_regs(hooks->vcpu)->rip = site->gva;
    rs_vcpu_regs_dirty(hooks->vcpu);
    return true;
}

/* The pristine copy is in the window, which the root of a vCPU without an IDT may not have. */
static bool let_return(struct rs_hooks *hooks, unsigned index, const struct rs_context *from)
{
    struct rs_hook_set *set = hooks->set;

    if (rs_breakpoints_have_return(set, index))
        return true; /* RFLAGS.RF lets it */
    if (set->several && rs_window_ensure(hooks) != 0)
        return stand_in(hooks, &set->sites[index], from);
    rs_vcpu_regs(hooks->vcpu)->rip = rs_window_address(hooks, RS_WINDOW_PRISTINE, index);
    rs_vcpu_regs_dirty(hooks->vcpu);
    if (!set->several && set->spans.count == 0)
        rs_sites_arm(hooks, false);
    return true;
}

bool rs_sites_return(struct rs_hooks *hooks, uint64_t rip)
{
    int found = find(hooks->set, rip);
    unsigned index = (unsigned)found;
    struct rs_context from, to;

    if (found < 0)
        return false;
    from = rs_hooks_context(hooks);
    from.rip = hooks->set->sites[index].gva;
    if (!predict(hooks, index, &from, &to))
        return let_fault(hooks, index, &from);
    hooks->returned = to;
    report(hooks, &hooks->set->sites[index], &from, &hooks->returned);
    hooks->returned_registers = rs_hooks_registers(hooks);
    hooks->has_returned = true;
    hooks->ring3_entered |= to.cpl == 3;
    return let_return(hooks, index, &from);
}
