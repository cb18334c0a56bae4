/* SPDX-License-Identifier: MIT
 * The CPUID features that claims depend on. */
#ifndef RINGSCOPE_DOCTOR_FEATURES_H
#define RINGSCOPE_DOCTOR_FEATURES_H

#include <linux/kvm.h>
#include <stdbool.h>

/*
 * SDM Vol. 2A, "CPUID - CPU Identification"; RDPRU: AMD APM Vol. 3, "Feature Bits".
 *
 * X(name, leaf, register, bit)   subleaf 0
 */
#define RS_FEATURES(X)                                                                             \
    X(FPU, 1, edx, 0)                                                                              \
    X(SEP, 1, edx, 11)                                                                             \
    X(CLFSH, 1, edx, 19)                                                                           \
    X(FXSR, 1, edx, 24)                                                                            \
    X(SSE2, 1, edx, 26)                                                                            \
    X(MONITOR, 1, ecx, 3)                                                                          \
    X(CX16, 1, ecx, 13)                                                                            \
    X(SSE42, 1, ecx, 20)                                                                           \
    X(MOVBE, 1, ecx, 22)                                                                           \
    X(POPCNT, 1, ecx, 23)                                                                          \
    X(XSAVE, 1, ecx, 26)                                                                           \
    X(AVX, 1, ecx, 28)                                                                             \
    X(RDRAND, 1, ecx, 30)                                                                          \
    X(FSGSBASE, 7, ebx, 0)                                                                         \
    X(TSC_ADJUST, 7, ebx, 1)                                                                       \
    X(BMI1, 7, ebx, 3)                                                                             \
    X(INVPCID, 7, ebx, 10)                                                                         \
    X(ADX, 7, ebx, 19)                                                                             \
    X(SMAP, 7, ebx, 20)                                                                            \
    X(CLWB, 7, ebx, 24)                                                                            \
    X(UMIP, 7, ecx, 2)                                                                             \
    X(PKU, 7, ecx, 3)                                                                              \
    X(RDTSCP, 0x80000001, edx, 27)                                                                 \
    X(RDPRU, 0x80000008, ebx, 4)

enum rs_feature {
    RS_FEATURE_NONE,
#define X(name, leaf, register, bit) RS_FEATURE_##name,
    RS_FEATURES(X)
#undef X
    RS_FEATURE_COUNT
};

const char *rs_feature_name(enum rs_feature feature);
/* Whether these leaves have the feature; NONE is always there. */
bool rs_feature_in(struct kvm_cpuid2 *cpuid, enum rs_feature feature);
/* Takes it out of them. */
void rs_feature_remove(struct kvm_cpuid2 *cpuid, enum rs_feature feature);

#endif
