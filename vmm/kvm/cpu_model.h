/* SPDX-License-Identifier: MIT
 * What a guest's CPUID says otherwise than the host's KVM offers: the value of --cpu. */
#ifndef RINGSCOPE_KVM_CPU_MODEL_H
#define RINGSCOPE_KVM_CPU_MODEL_H

#include "error.h"

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Features by the names that QEMU's -cpu has for them. SDM Vol. 2A, "CPUID - CPU Identification";
 * leaves from 80000000h on: AMD APM Vol. 3, "Obtaining Processor Information Via the CPUID
 * Instruction".
 *
 * X(name, leaf, subleaf, register, bit)
 */
#define RS_CPU_FEATURES(X)                                                                         \
    X("sep", 1, 0, edx, 11)                                                                        \
    X("clflush", 1, 0, edx, 19)                                                                    \
    X("monitor", 1, 0, ecx, 3)                                                                     \
    X("vmx", 1, 0, ecx, 5)                                                                         \
    X("cx16", 1, 0, ecx, 13)                                                                       \
    X("pdcm", 1, 0, ecx, 15)                                                                       \
    X("pcid", 1, 0, ecx, 17)                                                                       \
    X("x2apic", 1, 0, ecx, 21)                                                                     \
    X("movbe", 1, 0, ecx, 22)                                                                      \
    X("popcnt", 1, 0, ecx, 23)                                                                     \
    X("tsc-deadline", 1, 0, ecx, 24)                                                               \
    X("xsave", 1, 0, ecx, 26)                                                                      \
    X("avx", 1, 0, ecx, 28)                                                                        \
    X("rdrand", 1, 0, ecx, 30)                                                                     \
    X("hypervisor", 1, 0, ecx, 31)                                                                 \
    X("arat", 6, 0, eax, 2)                                                                        \
    X("fsgsbase", 7, 0, ebx, 0)                                                                    \
    X("tsc-adjust", 7, 0, ebx, 1)                                                                  \
    X("bmi1", 7, 0, ebx, 3)                                                                        \
    X("hle", 7, 0, ebx, 4)                                                                         \
    X("avx2", 7, 0, ebx, 5)                                                                        \
    X("smep", 7, 0, ebx, 7)                                                                        \
    X("bmi2", 7, 0, ebx, 8)                                                                        \
    X("erms", 7, 0, ebx, 9)                                                                        \
    X("invpcid", 7, 0, ebx, 10)                                                                    \
    X("rtm", 7, 0, ebx, 11)                                                                        \
    X("rdseed", 7, 0, ebx, 18)                                                                     \
    X("adx", 7, 0, ebx, 19)                                                                        \
    X("smap", 7, 0, ebx, 20)                                                                       \
    X("clflushopt", 7, 0, ebx, 23)                                                                 \
    X("clwb", 7, 0, ebx, 24)                                                                       \
    X("umip", 7, 0, ecx, 2)                                                                        \
    X("pku", 7, 0, ecx, 3)                                                                         \
    X("la57", 7, 0, ecx, 16)                                                                       \
    X("rdpid", 7, 0, ecx, 22)                                                                      \
    X("pks", 7, 0, ecx, 31)                                                                        \
    X("fsrm", 7, 0, edx, 4)                                                                        \
    X("spec-ctrl", 7, 0, edx, 26)                                                                  \
    X("arch-capabilities", 7, 0, edx, 29)                                                          \
    X("lam", 7, 1, eax, 26)                                                                        \
    X("svm", 0x80000001, 0, ecx, 2)                                                                \
    X("skinit", 0x80000001, 0, ecx, 12)                                                            \
    X("syscall", 0x80000001, 0, edx, 11)                                                           \
    X("nx", 0x80000001, 0, edx, 20)                                                                \
    X("pdpe1gb", 0x80000001, 0, edx, 26)                                                           \
    X("rdtscp", 0x80000001, 0, edx, 27)                                                            \
    X("lm", 0x80000001, 0, edx, 29)                                                                \
    X("rdpru", 0x80000008, 0, ebx, 4)                                                              \
    X("npt", 0x8000000a, 0, edx, 0)                                                                \
    X("pause-filter", 0x8000000a, 0, edx, 10)

#define RS_CPU_FEATURES_MAX 64
#define RS_CPU_VENDOR_SIZE 12

enum rs_cpu_change {
    RS_CPU_AS_OFFERED,
    RS_CPU_ON,
    RS_CPU_OFF
};

struct rs_cpu_model {
    char vendor[RS_CPU_VENDOR_SIZE]; /* first byte 0: the host's */
    bool hyperv;                     /* Hyper-V's interface, where KVM has it: hyperv.h */
    bool unsaid; /* also offer what KVM has without saying so in KVM_GET_SUPPORTED_CPUID */
    uint8_t changes[RS_CPU_FEATURES_MAX]; /* enum rs_cpu_change, by the place in RS_CPU_FEATURES */
};

/* "[host|max][,+FEATURE|-FEATURE|FEATURE=on|FEATURE=off|vendor=NAME|
 * hv-passthrough]...". Returns 0, or -1 with
 * RS_EXIT_USAGE. */
int rs_cpu_model_parse(const char *text, struct rs_cpu_model *model, struct rs_error *error);

/* Puts the changes into the leaves. `cpuid` has everything that KVM offers: what is to be on and is
 * not there stays off. */
void rs_cpu_model_apply(const struct rs_cpu_model *model, int kvm_fd, struct kvm_cpuid2 *cpuid);

/* The names of all features, separated by blanks: for messages. Static. */
const char *rs_cpu_feature_names(void);

#endif
