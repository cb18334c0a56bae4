/* SPDX-License-Identifier: MIT
 * What a guest's CPUID says otherwise than the host's KVM offers. */
#include "cpu_model.h"

#include "cpuid.h"
#include "kvm_host.h"

#include <stddef.h>
#include <string.h>

#define CPUID_1_ECX_TSC_DEADLINE (UINT32_C(1) << 24)

static const struct {
    const char *name;
    uint32_t leaf, subleaf;
    size_t offset;
    unsigned bit;
} features[] = {
#define X(name, leaf, subleaf, register, bit)                                                      \
    {name, leaf, subleaf, offsetof(struct kvm_cpuid_entry2, register), bit},
    RS_CPU_FEATURES(X)
#undef X
};
#define FEATURE_COUNT (sizeof(features) / sizeof(features[0]))
_Static_assert(FEATURE_COUNT <= RS_CPU_FEATURES_MAX, "each feature has its change");

const char *rs_cpu_feature_names(void)
{
#define X(name, leaf, subleaf, register, bit) name " "
    return RS_CPU_FEATURES(X);
#undef X
}

/* One item of the list, without its comma. */
struct item {
    const char *text;
    size_t size;
};

static bool is(const struct item *item, const char *text)
{
    return strlen(text) == item->size && memcmp(item->text, text, item->size) == 0;
}

static int bad(const struct item *item, struct rs_error *error, const char *what)
{
    return rs_error_set(error, RS_EXIT_USAGE, "--cpu '%.*s': %s", (int)item->size, item->text,
                        what);
}

static int set_vendor(const struct item *item, struct rs_cpu_model *model, struct rs_error *error)
{
    static const char prefix[] = "vendor=";
    size_t skip = sizeof(prefix) - 1;

    if (item->size != skip + RS_CPU_VENDOR_SIZE)
        return bad(item, error, "a vendor has 12 characters, as GenuineIntel or AuthenticAMD");
    memcpy(model->vendor, item->text + skip, RS_CPU_VENDOR_SIZE);
    return 0;
}

/* +NAME, -NAME, NAME=on, NAME=off, NAME. */
static int set_feature(const struct item *item, struct rs_cpu_model *model, struct rs_error *error)
{
    struct item name = *item;
    const char *equals;
    bool on = true;

    if (name.text[0] == '+' || name.text[0] == '-') {
        on = name.text[0] == '+';
        name.text++;
        name.size--;
    } else if ((equals = memchr(name.text, '=', name.size))) {
        struct item value = {equals + 1, name.size - (size_t)(equals + 1 - name.text)};

        on = is(&value, "on");
        if (!on && !is(&value, "off"))
            return bad(item, error, "a feature is on or off");
        name.size = (size_t)(equals - name.text);
    }
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        if (!is(&name, features[i].name))
            continue;
        model->changes[i] = on ? RS_CPU_ON : RS_CPU_OFF; /* the last word counts */
        return 0;
    }
    return rs_error_set(error, RS_EXIT_USAGE, "--cpu '%.*s': features are vendor=NAME %s",
                        (int)item->size, item->text, rs_cpu_feature_names());
}

int rs_cpu_model_parse(const char *text, struct rs_cpu_model *model, struct rs_error *error)
{
    memset(model, 0, sizeof(*model));
    for (bool first = true, more = true; more; first = false) {
        struct item item = {text, strcspn(text, ",")};
        int result;

        more = text[item.size] == ',';
        text += item.size + more;
        if (first && (is(&item, "host") || is(&item, "max")))
            continue;
        if (item.size == 0)
            return bad(&item, error, "an empty item");
        result = item.size > 7 && memcmp(item.text, "vendor=", 7) == 0
                     ? set_vendor(&item, model, error)
                     : set_feature(&item, model, error);
        if (result != 0)
            return -1;
    }
    return 0;
}

static void apply_vendor(const struct rs_cpu_model *model, struct kvm_cpuid2 *cpuid)
{
    static const uint32_t leaves[] = {0, 0x80000000};

    for (size_t i = 0; model->vendor[0] && i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        struct kvm_cpuid_entry2 *entry = rs_cpuid_find(cpuid, leaves[i], 0);

        if (!entry)
            continue;
        memcpy(&entry->ebx, model->vendor, 4);
        memcpy(&entry->edx, model->vendor + 4, 4);
        memcpy(&entry->ecx, model->vendor + 8, 4);
    }
}

/* KVM has it or not without saying so in CPUID: KVM API, "KVM_GET_SUPPORTED_CPUID". */
static void apply_tsc_deadline(int kvm_fd, struct kvm_cpuid2 *cpuid)
{
    struct kvm_cpuid_entry2 *entry = rs_cpuid_find(cpuid, 1, 0);

    if (entry && rs_kvm_capability(kvm_fd, KVM_CAP_TSC_DEADLINE_TIMER) > 0)
        entry->ecx |= CPUID_1_ECX_TSC_DEADLINE;
}

/* SDM Vol. 2A, "CPUID", leaves 1, 0BH and 1FH; AMD APM Vol. 3, "Extended APIC ID". */
static void apply_apic_id(unsigned index, struct kvm_cpuid2 *cpuid)
{
    for (uint32_t i = 0; i < cpuid->nent; i++) {
        struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

        if (entry->function == 1)
            entry->ebx = (entry->ebx & 0x00ffffff) | index << 24;
        else if (entry->function == 0xb || entry->function == 0x1f)
            entry->edx = index;
        else if (entry->function == 0x8000001e)
            entry->eax = index;
    }
}

void rs_cpu_model_apply(const struct rs_cpu_model *model, int kvm_fd, unsigned index,
                        struct kvm_cpuid2 *cpuid)
{
    apply_apic_id(index, cpuid);
    if (model->tsc_deadline)
        apply_tsc_deadline(kvm_fd, cpuid);
    apply_vendor(model, cpuid);
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        struct kvm_cpuid_entry2 *entry =
            rs_cpuid_find(cpuid, features[i].leaf, features[i].subleaf);

        if (entry && model->changes[i] == RS_CPU_OFF)
            *(uint32_t *)((uintptr_t)entry + features[i].offset) &=
                ~(UINT32_C(1) << features[i].bit);
    }
}
