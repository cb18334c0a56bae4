/* SPDX-License-Identifier: MIT
 * The emulated hosts: one table. */
#ifndef RINGSCOPE_HOST_KIND_H
#define RINGSCOPE_HOST_KIND_H

/*
 * X(identifier, --host, emulator, processor model of the emulator, KVM's module, what it is)
 *
 * All boot the same kernel and the same init process, and run the same command in it. QEMU's
 * machine is saved and restored; Debian's Bochs can save only on a click into its window, so its
 * machine is booted for each command, with the command in it from the start.
 */
#define RS_HOST_KINDS(X)                                                                           \
    X(TCG, "tcg", QEMU, "max", "kvm-amd", "stock kvm-amd in a machine that QEMU interprets")       \
    X(BOCHS_INTEL, "bochs-intel", BOCHS, "corei7_haswell_4770", "kvm-intel",                       \
      "stock kvm-intel (VMX, EPT) in a machine that Bochs interprets")                             \
    X(BOCHS_AMD, "bochs-amd", BOCHS, "trinity_apu", "kvm-amd",                                     \
      "stock kvm-amd (SVM, NPT) in a machine that Bochs interprets")

enum rs_host_kind {
#define X(id, name, emulator, model, module, meaning) RS_HOST_KIND_##id,
    RS_HOST_KINDS(X)
#undef X
    RS_HOST_KIND_COUNT
};

enum rs_host_emulator {
    RS_HOST_EMULATOR_QEMU,
    RS_HOST_EMULATOR_BOCHS
};

struct rs_host_description {
    const char *name;
    enum rs_host_emulator emulator;
    const char *model;
    const char *module; /* without ".ko" */
};

const struct rs_host_description *rs_host_describe(enum rs_host_kind kind);

#endif
