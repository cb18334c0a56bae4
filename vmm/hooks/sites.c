/* SPDX-License-Identifier: MIT
 * Site hooks: IRETQ and SYSRETQ. */
#include "internal.h"
#include "loader/elf64.h"

#include <string.h>

#define SITE_PATCH_SIZE 2
#define OUT_IMM8_AL 0xe6

int rs_sites_find(struct rs_hooks *hooks, const struct rs_blob *kernel, struct rs_error *error)
{
    struct rs_elf64_image image;
    struct rs_elf64_error elf;
    size_t count;

    if (rs_elf64_parse(kernel->bytes, kernel->size, &image, &elf) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s: %s", kernel->name, elf.message);
    count = rs_insn_find_returns(&image, hooks->sites, RS_SITES_MAX);
    if (count > RS_SITES_MAX)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "%s: %zu IRETQ and SYSRETQ instructions; at most %d can be hooked",
                            kernel->name, count, RS_SITES_MAX);
    for (size_t i = 0; i < count; i++)
        if (rs_window_put_pristine(hooks, (unsigned)i, hooks->sites[i].bytes,
                                   hooks->sites[i].length) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "no memory for pristine instructions");
    hooks->site_count = count;
    return 0;
}

/* Writes two bytes over a site, when the guest's code there is what it was: a kernel that changed
 * its own code keeps it. */
static void put(struct rs_hooks *hooks, size_t index, bool armed)
{
    static const uint8_t patch[SITE_PATCH_SIZE] = {OUT_IMM8_AL, RS_PORT_SITE};
    const uint8_t *original = hooks->sites[index].bytes;
    struct rs_place *place = &hooks->places[index];

    if (!place->host &&
        rs_memory_find_place(&hooks->vm->memory, hooks->sites[index].gpa, place) != 0)
        return;
    rs_place_replace(place, armed ? original : patch, armed ? patch : original);
}

void rs_sites_arm(struct rs_hooks *hooks, bool armed)
{
    if (hooks->sites_armed == armed || rs_window_ensure(hooks) != 0)
        return;
    for (size_t i = 0; i < hooks->site_count; i++)
        put(hooks, i, armed);
    hooks->sites_armed = armed;
    hooks->site_lifted = -1;
}

void rs_sites_put_back(struct rs_hooks *hooks)
{
    if (hooks->sites_armed)
        put(hooks, (size_t)hooks->site_lifted, true);
    hooks->site_lifted = -1;
}

/* Some hosts report the OUT with RIP at it, others with RIP behind it. */
static int find(const struct rs_hooks *hooks, uint64_t rip)
{
    for (size_t i = 0; i < hooks->site_count; i++)
        if (hooks->sites[i].gva == rip)
            return (int)i;
    for (size_t i = 0; i < hooks->site_count; i++)
        if (hooks->sites[i].gva == rip - SITE_PATCH_SIZE)
            return (int)i;
    return -1;
}

/* False: it will fault. */
static bool predict(struct rs_hooks *hooks, unsigned index, const struct rs_context *from,
                    struct rs_context *to)
{
    const struct rs_return_site *site = &hooks->sites[index];
    bool iret = site->kind == RS_RETURN_IRETQ;
    struct rs_known_reader reader = {.hooks = hooks};
    struct rs_model_env env = {rs_known_read, &reader, hooks->vendor, false};
    struct rs_cause cause = {
        .kind = iret ? RS_CAUSE_IRET : RS_CAUSE_SYSRET,
        .length = site->length,
        .operand = 1,
    };
    struct rs_model_result model;

    if (iret && rs_known_return_holds(hooks, index, from, to))
        return true;
    rs_hooks_state(hooks, &model.after);
    model.after.rip = site->gva;
    rs_model_run(&env, &model.after, &cause, &model);
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

    if (!rs_spans_return(&hooks->spans, to->cpl, to->rsp, &thread, &entry))
        return;
    event =
        rs_hooks_event(hooks, site->kind == RS_RETURN_SYSRETQ ? RS_EVENT_SYSRET : RS_EVENT_IRET);
    event->code = (uint32_t)rs_vcpu_regs(hooks->vcpu)->rax;
    rs_event_contexts(event, from, to);
    rs_hooks_report_return(hooks, &entry, event);
}

bool rs_hooks_site(struct rs_hooks *hooks)
{
    int index = find(hooks, rs_vcpu_regs(hooks->vcpu)->rip);
    struct rs_context from, to;

    if (index < 0)
        return false;
    from = rs_hooks_context(hooks);
    from.rip = hooks->sites[index].gva;
    if (!predict(hooks, (unsigned)index, &from, &to)) {
        /* It will fault: let it, at its own address. */
        put(hooks, (size_t)index, false);
        hooks->site_lifted = index;
        rs_vcpu_regs(hooks->vcpu)->rip = hooks->sites[index].gva;
    } else {
        hooks->returned = to;
        report(hooks, &hooks->sites[index], &from, &hooks->returned);
        hooks->has_returned = true;
        hooks->ring3_entered |= hooks->returned.cpl == 3;
        rs_vcpu_regs(hooks->vcpu)->rip =
            rs_window_address(hooks, RS_WINDOW_PRISTINE, (unsigned)index);
        if (hooks->spans.count == 0)
            rs_sites_arm(hooks, false);
    }
    rs_vcpu_regs_dirty(hooks->vcpu);
    return true;
}
