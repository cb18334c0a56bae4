/* SPDX-License-Identifier: MIT
 * The kernel modules of the emulated host, in the order in which they are loaded. */
#ifndef RINGSCOPE_HOST_MODULES_H
#define RINGSCOPE_HOST_MODULES_H

/* X(name, directory below /lib/modules/VERSION/kernel). In the initramfs: /NAME.ko */
#define RS_HOST_MODULES(X)                                                                         \
    X("irqbypass", "virt/lib")                                                                     \
    X("kvm", "arch/x86/kvm")                                                                       \
    X("kvm-amd", "arch/x86/kvm")                                                                   \
    X("virtio_ring", "drivers/virtio")                                                             \
    X("virtio", "drivers/virtio")                                                                  \
    X("virtio_pci_modern_dev", "drivers/virtio")                                                   \
    X("virtio_pci_legacy_dev", "drivers/virtio")                                                   \
    X("virtio_pci", "drivers/virtio")                                                              \
    X("virtio_console", "drivers/char")

/* The virtio-serial port that the init process serves. */
#define RS_HOST_PORT "ringscope"

#endif
