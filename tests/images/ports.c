/* SPDX-License-Identifier: MIT
 * fw_cfg, test device, PCI, interrupt controllers, and what is not there. */
#include "selftest.h"

#define FW_CFG 0x510
#define LATCH 0xe0
#define FLUSH 0xe4
#define LINES 0x2000
#define PIC 0x20

static uint32_t fw_cfg(uint16_t key, unsigned size)
{
    uint32_t value = 0;

    out16(FW_CFG, key);
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)in8(FW_CFG + 1) << (8 * i);
    return value;
}

static void check_fw_cfg(void)
{
    check(fw_cfg(0, 4) == 0x554d4551, "fw_cfg: signature QEMU");
    check(fw_cfg(3, 4) >= 8u << 20, "fw_cfg: RAM size");
    check(fw_cfg(5, 2) >= 1, "fw_cfg: number of processors");
    print("# processors: ");
    print_number(fw_cfg(5, 2));
    print("\n");
    check(fw_cfg(0x7777, 4) == 0, "fw_cfg: a key that is not there reads zeros");
}

static uint32_t page[2048];

static void check_testdev(void)
{
    volatile uint32_t *memory = (volatile uint32_t *)0xff000000ul;
    volatile uint32_t *aligned = (uint32_t *)(((unsigned long)page + 4095) & ~4095ul);

    out32(LATCH, 0x12345678);
    check(in32(LATCH) == 0x12345678 && in16(LATCH) == 0x5678, "test device: latch");
    out8(LATCH + 1, 0xaa);
    check(in32(LATCH) == 0x1234aa78, "test device: a byte of the latch");
    memory[3] = 0xdeadbeef;
    check(memory[3] == 0xdeadbeef && ((volatile uint8_t *)memory)[13] == 0xbe,
          "test device: memory that is MMIO");
    aligned[5] = 42;
    out32(FLUSH, (uint32_t)(unsigned long)aligned);
    check(aligned[5] == 42, "test device: a page that was taken away comes back as it was");
}

/* Edge-triggered input 5 of the first 8259: raised by the test device, seen in its IRR. */
static void check_lines(void)
{
    out8(PIC, 0x11);
    out8(PIC + 1, 0x20);
    out8(PIC + 1, 0x04);
    out8(PIC + 1, 0x01);
    out8(PIC, 0x0a); /* reads give the IRR */
    check(!(in8(PIC) & 0x20), "8259: no request at input 5");
    out8(LINES + 5, 1);
    check(in8(PIC) & 0x20, "test device: a line raises input 5 of the 8259");
    out8(LINES + 5, 0);
}

static void check_nothing(void)
{
    check(in8(0x80) == 0xff && in32(0x300) == 0xffffffff, "an empty port reads all ones");
    check(*(volatile uint32_t *)0xf0000000ul == 0xffffffff, "so does an empty address");
}

static void check_pci(void)
{
    out32(0xcf8, 0x80000000);
    check(in32(0xcf8) == 0x80000000, "PCI: the address register keeps what is written");
    check(in16(0xcfc) == 0x8086 && in16(0xcfe) == 0x1237, "PCI: a host bridge at 00:00.0");
    out32(0xcf8, 0x80000808);
    check(in32(0xcfc) == 0xffffffff, "PCI: nothing at 00:01.0");
}

void check_ports(void)
{
    check_fw_cfg();
    check_testdev();
    check_lines();
    check_nothing();
    check_pci();
}
