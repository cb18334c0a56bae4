/* SPDX-License-Identifier: MIT
 * The CPUID features that claims depend on. */
#include "features.h"

#include "kvm/cpuid.h"

#include <stddef.h>
#include <stdint.h>

static const struct {
    const char *name;
    uint32_t leaf;
    size_t offset;
    unsigned bit;
} features[RS_FEATURE_COUNT] = {[RS_FEATURE_NONE] = {.name = "none"},
#define X(name, leaf, register, bit)                                                               \
    [RS_FEATURE_##name] = {#name, leaf, offsetof(struct kvm_cpuid_entry2, register), bit},
                                RS_FEATURES(X)
#undef X
};

static uint32_t *feature_register(struct kvm_cpuid2 *cpuid, enum rs_feature feature)
{
    struct kvm_cpuid_entry2 *entry = rs_cpuid_find(cpuid, features[feature].leaf, 0);

    return entry ? (uint32_t *)((uintptr_t)entry + features[feature].offset) : NULL;
}

const char *rs_feature_name(enum rs_feature feature)
{
    return features[feature].name;
}

bool rs_feature_in(struct kvm_cpuid2 *cpuid, enum rs_feature feature)
{
    const uint32_t *value;

    if (feature == RS_FEATURE_NONE)
        return true;
    value = feature_register(cpuid, feature);
    return value && (*value >> features[feature].bit & 1);
}

void rs_feature_remove(struct kvm_cpuid2 *cpuid, enum rs_feature feature)
{
    uint32_t *value = feature == RS_FEATURE_NONE ? NULL : feature_register(cpuid, feature);

    if (value)
        *value &= ~(1u << features[feature].bit);
}
