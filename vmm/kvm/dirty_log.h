/* SPDX-License-Identifier: MIT
 * Which pages the guest has written: KVM's log. */
#ifndef RINGSCOPE_KVM_DIRTY_LOG_H
#define RINGSCOPE_KVM_DIRTY_LOG_H

#include "vm.h"

/* KVM API, "KVM_SET_USER_MEMORY_REGION": logs the writes to all memory from now on. Takes some
 * milliseconds: a grace period of the kernel. Returns 0 or -1. */
int rs_dirty_log_start(struct rs_vm *vm, struct rs_error *error);

/*
 * A bit for each page of a region, in whole 64-bit words. KVM API, "KVM_GET_DIRTY_LOG" with
 * KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2: what is read stays in the log until it is forgotten. Without
 * that capability reading forgets everything. Both return 0 or -errno.
 */
int rs_dirty_log_read(const struct rs_vm *vm, unsigned region, uint64_t *bitmap);
/* KVM API, "KVM_CLEAR_DIRTY_LOG": the pages of the bitmap. */
int rs_dirty_log_forget(const struct rs_vm *vm, unsigned region, const uint64_t *bitmap);

/* 64-bit words in the bitmap of a region. */
size_t rs_dirty_log_words(const struct rs_vm *vm, unsigned region);

#endif
