/* SPDX-License-Identifier: MIT
 * A virtual CPU: KVM_RUN, registers in the shared page, MSRs. */
#include "vcpu.h"

#include "cpu_model.h"
#include "cpuid.h"
#include "hyperv.h"

#include <errno.h>
#include <ringscope/layout.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the host supports is what the guest sees: KVM API, "KVM_GET_SUPPORTED_CPUID". But for the
 * topology, which is that of the host's processor that was asked. */
static int copy_cpuid(struct rs_vcpu *vcpu, struct rs_vm *vm, struct rs_error *error)
{
    struct kvm_cpuid2 *cpuid = rs_cpuid_supported(vm->kvm_fd, error);
    int result;

    if (!cpuid)
        return -1;
    rs_cpuid_set_topology(cpuid, vcpu->index, vm->cpu_count ? vm->cpu_count : 1);
    if (vm->cpu)
        rs_cpu_model_apply(vm->cpu, vm->kvm_fd, cpuid);
    result = vm->hyperv ? rs_hyperv_enable(vcpu, cpuid, error) : 0;
    if (result == 0)
        result = rs_vcpu_set_cpuid(vcpu, cpuid, error);
    if (result == 0)
        vcpu->vendor = rs_cpuid_vendor(cpuid);
    free(cpuid);
    return result;
}

static int map_run(struct rs_vcpu *vcpu, struct rs_vm *vm, struct rs_error *error)
{
    int size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
    void *run;

    if (size < (int)sizeof(struct kvm_run))
        return rs_error_set(error, RS_EXIT_HOST, "KVM_GET_VCPU_MMAP_SIZE returned %d", size);
    run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
    if (run == MAP_FAILED)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "mmap of kvm_run");
    vcpu->run = run;
    vcpu->run_size = (size_t)size;
    rs_vcpu_want_registers(vcpu, true);
    return 0;
}

int rs_vcpu_create(struct rs_vcpu *vcpu, struct rs_vm *vm, unsigned index, struct rs_error *error)
{
    *vcpu = (struct rs_vcpu){.fd = -1, .index = index};
    vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, index);
    if (vcpu->fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_CREATE_VCPU(%u)", index);
    if (map_run(vcpu, vm, error) != 0 || copy_cpuid(vcpu, vm, error) != 0) {
        rs_vcpu_destroy(vcpu);
        return -1;
    }
    return 0;
}

void rs_vcpu_destroy(struct rs_vcpu *vcpu)
{
    if (vcpu->run)
        munmap(vcpu->run, vcpu->run_size);
    if (vcpu->fd >= 0)
        close(vcpu->fd);
    *vcpu = (struct rs_vcpu){.fd = -1};
}

int rs_vcpu_set_long_mode(struct rs_vcpu *vcpu, uint64_t rip, uint64_t rdi, uint64_t cr3,
                          struct rs_error *error)
{
    struct kvm_segment code = {.limit = 0xffffffff,
                               .selector = KGDT64_R0_CODE,
                               .type = 0xb,
                               .present = 1,
                               .s = 1,
                               .l = 1,
                               .g = 1};
    struct kvm_segment data = {.limit = 0xffffffff,
                               .selector = KGDT64_R0_DATA,
                               .type = 0x3,
                               .present = 1,
                               .s = 1,
                               .db = 1,
                               .g = 1};
    struct kvm_regs regs = {.rip = rip, .rdi = rdi, .rflags = RFLAGS_FIXED};
    struct kvm_fpu fpu = {.fcw = 0x37f, .mxcsr = 0x1f80};
    struct kvm_sregs sregs;

    if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_GET_SREGS");
    sregs.cs = code;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
    sregs.gdt.limit = sregs.idt.limit = 0;
    sregs.cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
    sregs.cr3 = cr3;
    sregs.cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
    sregs.efer = EFER_LME | EFER_LMA | EFER_NXE;
    if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_SREGS");
    if (ioctl(vcpu->fd, KVM_SET_REGS, &regs) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_REGS");
    if (ioctl(vcpu->fd, KVM_SET_FPU, &fpu) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_FPU");
    return 0;
}

int rs_vcpu_run(struct rs_vcpu *vcpu)
{
    return ioctl(vcpu->fd, KVM_RUN, 0) == 0 ? 0 : -errno;
}

void rs_vcpu_fetch(struct rs_vcpu *vcpu)
{
    if (vcpu->run->kvm_valid_regs || vcpu->fd < 0)
        return;
    if (!(vcpu->run->kvm_dirty_regs & KVM_SYNC_X86_REGS))
        (void)ioctl(vcpu->fd, KVM_GET_REGS, rs_vcpu_regs(vcpu));
    if (!(vcpu->run->kvm_dirty_regs & KVM_SYNC_X86_SREGS))
        (void)ioctl(vcpu->fd, KVM_GET_SREGS, rs_vcpu_sregs(vcpu));
}

struct one_msr {
    struct kvm_msrs header;
    struct kvm_msr_entry entry;
};

int rs_vcpu_get_msr(struct rs_vcpu *vcpu, uint32_t index, uint64_t *value)
{
    struct one_msr msr = {.header.nmsrs = 1, .entry.index = index};

    int count = ioctl(vcpu->fd, KVM_GET_MSRS, &msr);

    if (count == 1)
        *value = msr.entry.data;
    return count == 1 ? 0 : count < 0 ? -errno : 1;
}

int rs_vcpu_set_msr(struct rs_vcpu *vcpu, uint32_t index, uint64_t value)
{
    struct one_msr msr = {.header.nmsrs = 1, .entry = {.index = index, .data = value}};

    int count = ioctl(vcpu->fd, KVM_SET_MSRS, &msr);

    return count == 1 ? 0 : count < 0 ? -errno : 1;
}

uint64_t rs_vcpu_tsc_hz(struct rs_vcpu *vcpu)
{
    int khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0);

    return khz > 0 ? (uint64_t)khz * 1000 : 0;
}

int rs_vcpu_set_guest_debug(struct rs_vcpu *vcpu, uint32_t control)
{
    struct kvm_guest_debug debug = {.control = control};

    return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug) == 0 ? 0 : -errno;
}

int rs_vcpu_nmi(struct rs_vcpu *vcpu)
{
    return ioctl(vcpu->fd, KVM_NMI) == 0 ? 0 : -errno;
}
