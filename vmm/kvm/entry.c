/* SPDX-License-Identifier: MIT
 * The states in which boot protocols other than ringscope's own enter a kernel. */
#include "entry.h"

#include <errno.h>
#include <ringscope/layout.h>
#include <sys/ioctl.h>

_Static_assert(RS_LINUX_BOOT_CS == 0x10 && RS_LINUX_BOOT_DS == 0x18, "__BOOT_CS and __BOOT_DS");

/* Flat 64-bit code and flat data, at their selectors: SDM Vol. 3A, "Segment Descriptors". */
const uint64_t rs_linux_gdt[RS_LINUX_GDT_ENTRIES] = {0, 0, RS_U64(0x00af9b000000ffff),
                                                     RS_U64(0x00cf93000000ffff)};

static int put(struct rs_vcpu *vcpu, const struct kvm_sregs *sregs, const struct kvm_regs *regs,
               struct rs_error *error)
{
    if (ioctl(vcpu->fd, KVM_SET_SREGS, sregs) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_SREGS");
    if (ioctl(vcpu->fd, KVM_SET_REGS, regs) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_REGS");
    return 0;
}

static int get_sregs(struct rs_vcpu *vcpu, struct kvm_sregs *sregs, struct rs_error *error)
{
    if (ioctl(vcpu->fd, KVM_GET_SREGS, sregs) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_GET_SREGS");
    return 0;
}

int rs_vcpu_enter_protected(struct rs_vcpu *vcpu, uint32_t eip, uint32_t eax, uint32_t ebx,
                            struct rs_error *error)
{
    const struct kvm_segment code = {
        .limit = 0xffffffff, .selector = 0x08, .type = 0xb, .present = 1, .s = 1, .db = 1, .g = 1};
    struct kvm_segment data = code;
    struct kvm_regs regs = {.rip = eip, .rax = eax, .rbx = ebx, .rflags = RFLAGS_FIXED};
    struct kvm_sregs sregs;

    if (get_sregs(vcpu, &sregs, error) != 0)
        return -1;
    data.selector = 0x10;
    data.type = 0x3;
    sregs.cs = code;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
    sregs.tr = (struct kvm_segment){.limit = 0x67, .selector = 0x18, .type = 0xb, .present = 1};
    sregs.gdt.limit = sregs.idt.limit = 0;
    sregs.cr0 = CR0_PE | CR0_ET;
    sregs.cr3 = sregs.cr4 = sregs.efer = 0;
    return put(vcpu, &sregs, &regs, error);
}

int rs_vcpu_enter_linux(struct rs_vcpu *vcpu, uint64_t rip, uint64_t rsi, uint64_t cr3,
                        uint64_t gdt, struct rs_error *error)
{
    struct kvm_regs regs = {.rip = rip, .rsi = rsi, .rflags = RFLAGS_FIXED};
    struct kvm_sregs sregs;

    if (rs_vcpu_set_long_mode(vcpu, rip, 0, cr3, error) != 0 || get_sregs(vcpu, &sregs, error) != 0)
        return -1;
    sregs.gdt.base = gdt;
    sregs.gdt.limit = sizeof(rs_linux_gdt) - 1;
    return put(vcpu, &sregs, &regs, error);
}

void rs_vcpu_enter_real(struct rs_vcpu *vcpu, uint16_t cs, uint16_t ip)
{
    const struct kvm_segment data = {.limit = 0xffff, .type = 0x3, .present = 1, .s = 1};
    struct kvm_sregs *sregs = rs_vcpu_sregs(vcpu);

    rs_vcpu_fetch(vcpu);
    *rs_vcpu_regs(vcpu) = (struct kvm_regs){.rip = ip, .rflags = RFLAGS_FIXED};
    sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
    sregs->cs = data;
    sregs->cs.type = 0xb;
    sregs->cs.selector = cs;
    sregs->cs.base = (uint64_t)cs << 4;
    sregs->gdt.base = sregs->idt.base = 0;
    sregs->gdt.limit = sregs->idt.limit = 0xffff;
    sregs->cr0 = CR0_ET;
    sregs->cr3 = sregs->cr4 = sregs->efer = 0;
    rs_vcpu_regs_dirty(vcpu);
    rs_vcpu_sregs_dirty(vcpu);
}
