/* SPDX-License-Identifier: MIT
 * A machine without KVM: memory, a kvm_run page of our own, and a guest with an IDT in it. */
#ifndef RINGSCOPE_TESTS_FAKE_GUEST_H
#define RINGSCOPE_TESTS_FAKE_GUEST_H

#include "machine/machine.h"

/* Identity-mapped tables, a GDT with NT's selectors, an IDT of DPL 0 interrupt gates (DPL 3 for
 * 0x2e), a TSS. */
#define FAKE_HANDLER(vector) (0x100000 + UINT64_C(16) * (vector))
#define FAKE_RSP0 UINT64_C(0x50000)
#define FAKE_IST3 UINT64_C(0x58000)
#define FAKE_CODE UINT64_C(0x60000) /* ring-3 code goes here */
#define FAKE_USER_STACK UINT64_C(0x70000)
#define FAKE_SYSCALL UINT64_C(0x60800) /* a SYSCALL of ring 3 */
#define FAKE_LSTAR UINT64_C(0x108000)
#define FAKE_FMASK UINT64_C(0x4700)
#define FAKE_IRETQ UINT64_C(0x109000) /* return instructions of the kernel */
#define FAKE_SYSRETQ UINT64_C(0x109010)

/* A machine whose vCPUs, one or several, stand in ring 0 with everything loaded: the same tables
 * and stacks. Hooks report what `filter` lets through and repair `needs`. Freed by
 * fake_guest_free(). */
struct rs_machine *fake_guest_with(unsigned cpu_count, const struct rs_hooks_config *config);
struct rs_machine *fake_guest_new(const struct rs_filter *filter, uint32_t needs);
void fake_guest_free(struct rs_machine *machine);

/* What the processor does when it delivers `vector` from ring 3 with these values, and finds the
 * gate: frame on RSP0 (or IST3 for NMI), registers, KVM_EXIT_INTERNAL_ERROR. has_error_code as the
 * caller says. */
void fake_guest_deliver(struct rs_cpu *cpu, uint8_t vector, uint64_t rip, uint64_t rflags,
                        bool has_error_code, uint64_t error_code);

/* SYSCALL through a gate hook and returns through site hooks. Arming LSTAR is an ioctl: here it
 * counts as done, and the two return instructions as found. After the first exit. */
void fake_guest_hook_syscall(struct rs_cpu *cpu);

/* SYSCALL at FAKE_SYSCALL, fetched from its gate. */
void fake_guest_syscall(struct rs_cpu *cpu, uint32_t service, uint64_t rflags);

/* KVM_EXIT_IO of the patched return instruction at `site`, registers as they are. */
void fake_guest_site(struct rs_cpu *cpu, uint64_t site);

#endif
