/* SPDX-License-Identifier: MIT
 * The fingerprint of the host: what a measurement made on it depends on. */
#ifndef RINGSCOPE_FINGERPRINT_H
#define RINGSCOPE_FINGERPRINT_H

#define RS_FINGERPRINT_MAX 128

/* Text of one line each, empty when the host does not tell. */
struct rs_fingerprint {
    char cpu[RS_FINGERPRINT_MAX];       /* "model name" of /proc/cpuinfo */
    char microcode[RS_FINGERPRINT_MAX]; /* its "microcode" */
    char kvm[RS_FINGERPRINT_MAX];       /* the KVM module in use: kvm_intel, kvm_amd, ... */
    char clock[RS_FINGERPRINT_MAX];     /* clock source of the host kernel */
    unsigned cpus;                      /* online */
};

void rs_fingerprint_read(struct rs_fingerprint *fingerprint);

#endif
