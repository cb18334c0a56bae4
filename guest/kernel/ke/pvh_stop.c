/* SPDX-License-Identifier: MIT
 * The end of a machine that is not ringscope's: QEMU's isa-debug-exit, power off, or HLT. */

#include "cpu.h"
#include "io.h"
#include "pvh.h"

/* PM1a_CNT where QEMU's firmware puts it on pc and q35. ACPI, "PM1 Control Registers"; the
 * machines' \_S5 says sleep type 0. */
#define PORT_PM1A_CONTROL 0x604
#define PM1_SLEEP_ENABLE 0x2000
/* Port reads, some seconds: the processor may run on for a while. */
#define POWER_OFF_PATIENCE 1000000
/* The status that isa-debug-exit can tell, (v << 1) | 1, leaves seven bits; the last value says
 * that it is another one. */
#define DEBUG_EXIT_OTHER 0x7f

/* isa-debug-exit reads 0; where nothing is, all bits are 1. */
static bool has_debug_exit(void)
{
    return KiIn8(RS_PORT_DEBUG_EXIT) == 0;
}

static _Noreturn void stop(uint8_t value)
{
    if (has_debug_exit())
        KiOut8(RS_PORT_DEBUG_EXIT, value);
    KiOut16(PORT_PM1A_CONTROL, PM1_SLEEP_ENABLE);
    for (uint32_t patience = POWER_OFF_PATIENCE; patience; patience--)
        KiIn8(PORT_PM1A_CONTROL);
    KdPrint("*** the machine cannot be switched off: halted\n");
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

_Noreturn void KiStopPvhMachine(uint16_t port, uint32_t value)
{
    bool tells = port == RS_PORT_PROGRAM_EXIT && value < DEBUG_EXIT_OTHER &&
                 (value == 0 || has_debug_exit());

    if (port == RS_PORT_PROGRAM_EXIT && !tells)
        KdPrint("*** the program ended with status 0x%08x\n", value);
    stop(tells ? (uint8_t)value : DEBUG_EXIT_OTHER);
}

_Noreturn void KiRefuseBoot(const char *reason)
{
    KdPrint("*** cannot boot: %s\n", reason);
    stop(DEBUG_EXIT_OTHER);
}
