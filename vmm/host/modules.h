/* SPDX-License-Identifier: MIT
 * The kernel modules of the emulated hosts, in the order in which they are loaded. */
#ifndef RINGSCOPE_HOST_MODULES_H
#define RINGSCOPE_HOST_MODULES_H

/* X(name, directory below /lib/modules/VERSION/kernel, who needs it). In the initramfs: /NAME.ko
 * ANY: every host; KVM: the host whose description names it; QEMU: who has virtio devices. */
#define RS_HOST_MODULES(X)                                                                         \
    X("irqbypass", "virt/lib", ANY)                                                                \
    X("kvm", "arch/x86/kvm", ANY)                                                                  \
    X("kvm-amd", "arch/x86/kvm", KVM)                                                              \
    X("kvm-intel", "arch/x86/kvm", KVM)                                                            \
    X("virtio_ring", "drivers/virtio", QEMU)                                                       \
    X("virtio", "drivers/virtio", QEMU)                                                            \
    X("virtio_pci_modern_dev", "drivers/virtio", QEMU)                                             \
    X("virtio_pci_legacy_dev", "drivers/virtio", QEMU)                                             \
    X("virtio_pci", "drivers/virtio", QEMU)                                                        \
    X("virtio_console", "drivers/char", QEMU)

/* The virtio-serial port that the init process serves. */
#define RS_HOST_PORT "ringscope"

/* Where there is no virtio-serial port: frames to the machine come in this file of the initramfs,
 * then through COM1; those from it go to the printer port. */
#define RS_HOST_INBOX "inbox"
#define RS_HOST_INBOX_MORE "/dev/ttyS0"
#define RS_HOST_PRINTER 0x378

#endif
