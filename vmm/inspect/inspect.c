/* SPDX-License-Identifier: MIT
 * A machine that has stopped: the guest's own state, and what the views share. */
#include "inspect.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <string.h>

const struct rs_inspect_row rs_inspect_topics[RS_INSPECT_TOPIC_COUNT] = {
#define X(topic, summary) {#topic, summary, rs_inspect_##topic},
    RS_INSPECT_TOPICS(X)
#undef X
};

/* What repair needs is armed whatever is asked for; nothing is repaired any more. */
static void withdraw_hooks(struct rs_hook_set *hooks)
{
    hooks->config.needs = 0;
    rs_hooks_arm(hooks, true); /* SIGUSR2 may have disarmed them */
    rs_hooks_arm(hooks, false);
}

static void read_msrs(struct rs_vcpu *vcpu, struct rs_cpu_state *state)
{
    rs_vcpu_get_msr(vcpu, MSR_STAR, &state->star);
    rs_vcpu_get_msr(vcpu, MSR_LSTAR, &state->lstar);
    rs_vcpu_get_msr(vcpu, MSR_CSTAR, &state->cstar);
    rs_vcpu_get_msr(vcpu, MSR_FMASK, &state->fmask);
}

struct roots {
    uint64_t kernel, user; /* where KPCR has them */
};

static void see_root(void *context, const char *name, uint64_t offset, uint64_t size)
{
    struct roots *roots = context;

    if (size == sizeof(uint64_t) && strcmp(name, "KernelDirectoryTableBase") == 0)
        roots->kernel = offset;
    if (size == sizeof(uint64_t) && strcmp(name, "UserDirectoryTableBase") == 0)
        roots->user = offset;
}

/* That page of KPCR is mapped in both. */
static void find_roots(struct rs_inspection *inspection)
{
    struct roots roots = {0};
    uint64_t pcr, kernel, user;
    const char *where;

    inspection->kernel_root = inspection->user_root = 0;
    rs_symbols_members(inspection->symbols, RS_INSPECT_PCR_TYPE, see_root, &roots);
    if (!roots.kernel || !roots.user || rs_inspect_pcr_base(inspection, &pcr, &where) != 0 ||
        rs_inspect_read(inspection, pcr + roots.kernel, &kernel, sizeof(kernel)) != 0 ||
        rs_inspect_read(inspection, pcr + roots.user, &user, sizeof(user)) != 0)
        return;
    inspection->kernel_root = kernel & ~CR3_NO_FLUSH;
    inspection->user_root = user & ~CR3_NO_FLUSH;
}

void rs_inspect_begin(struct rs_inspection *inspection, struct rs_machine *machine,
                      const struct rs_symbols *symbols)
{
    struct rs_cpu *cpu = &machine->cpus[machine->stop.cpu];

    inspection->machine = machine;
    inspection->vcpu = &cpu->vcpu;
    inspection->symbols = symbols;
    if (cpu->hooks.idt)
        memcpy(inspection->gate_hooked, cpu->hooks.idt->armed, sizeof(inspection->gate_hooked));
    inspection->lstar_hooked = cpu->hooks.lstar_armed;
    withdraw_hooks(&machine->hooks);
    memset(&inspection->state, 0, sizeof(inspection->state));
    rs_vcpu_get_state(inspection->vcpu, &inspection->state);
    read_msrs(inspection->vcpu, &inspection->state);
    find_roots(inspection);
}

int rs_inspect_read(const struct rs_inspection *inspection, uint64_t gva, void *buffer, size_t size)
{
    const struct rs_memory *memory = &inspection->machine->vm.memory;

    if (rs_memory_read_virtual(memory, inspection->state.cr3, gva, buffer, size) == 0)
        return 0;
    if (inspection->kernel_root == 0)
        return -1;
    return rs_memory_read_virtual(memory, inspection->kernel_root, gva, buffer, size);
}

const char *rs_inspect_function(const struct rs_inspection *inspection, uint64_t address,
                                char text[static RS_SYMBOL_TEXT_MAX])
{
    return rs_symbols_format(inspection->symbols, address, text, RS_SYMBOL_TEXT_MAX) ? text : "";
}

static const char *object_text(const struct rs_symbol *object, uint64_t address,
                               char text[static RS_SYMBOL_TEXT_MAX])
{
    size_t length = strlen(object->text);

    memcpy(text, object->text, length + 1);
    if (address != object->address)
        snprintf(text + length, RS_SYMBOL_TEXT_MAX - length, "+%#" PRIx64,
                 address - object->address);
    return text;
}

const char *rs_inspect_stack(const struct rs_inspection *inspection, uint64_t top,
                             char text[static RS_SYMBOL_TEXT_MAX])
{
    struct rs_symbol object;

    if (top == 0 || !rs_symbols_object(inspection->symbols, top - 1, &object))
        return "";
    return object_text(&object, top, text);
}

const char *rs_inspect_data(const struct rs_inspection *inspection, uint64_t address,
                            char text[static RS_SYMBOL_TEXT_MAX])
{
    struct rs_symbol object;

    if (*rs_inspect_function(inspection, address, text))
        return text;
    return rs_symbols_object(inspection->symbols, address, &object)
               ? object_text(&object, address, text)
               : "";
}

int rs_inspect_read_tss(const struct rs_inspection *inspection, uint8_t *bytes)
{
    return rs_inspect_read(inspection, inspection->state.tr.base, bytes, TSS64_SIZE);
}

int rs_inspect_pcr_base(const struct rs_inspection *inspection, uint64_t *base, const char **where)
{
    struct rs_vcpu *vcpu = inspection->vcpu;
    uint64_t gs = rs_vcpu_sregs(vcpu)->gs.base, other = 0;

    rs_vcpu_get_msr(vcpu, MSR_KERNEL_GS_BASE, &other);
    *base = gs >> 63 ? gs : other;
    *where = gs >> 63 ? "GS_BASE" : "KERNEL_GS_BASE";
    return *base >> 63 ? 0 : -1;
}
