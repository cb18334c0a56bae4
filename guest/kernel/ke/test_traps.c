/* SPDX-License-Identifier: MIT
 * Transitions on purpose: a machine check, both kinds of gates, a shutdown. */

#include "cpu.h"
#include "ke.h"

#define PATIENCE 2000

/* The port answers 0 on a host that has none to give, and all ones where nothing answers. */
NTSTATUS KiSendMachineCheck(bool expected)
{
    struct kpcr *pcr = KeGetPcr();

    if (KiIn8(RS_PORT_MACHINE_CHECK) != 1)
        return STATUS_NOT_SUPPORTED;
    pcr->MachineChecksExpected += expected;
    KiOut8(RS_PORT_MACHINE_CHECK, 0);
    for (unsigned i = 0; i < PATIENCE && pcr->MachineChecksExpected; i++)
        __asm__ volatile("pause");
    return expected && pcr->MachineChecksExpected == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* IF is 1 here. The handlers leave in RAX the RFLAGS that they began with. */
void KiTestGates(struct gate_flags *flags)
{
    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags->Before));
    __asm__ volatile("int %1" : "=a"(flags->InterruptGate) : "i"(RS_VECTOR_INTGATE));
    __asm__ volatile("int %1" : "=a"(flags->TrapGate) : "i"(RS_VECTOR_TRAPGATE));
    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags->After));
}

/* Without an IDT neither #UD, nor #GP for its missing gate, nor #DF for that can be delivered: SDM
 * Vol. 3A, "Interrupt 8 - Double Fault Exception (#DF)". */
_Noreturn void KiShutDown(void)
{
    const struct {
        uint16_t limit;
        void *base;
    } __attribute__((packed)) no_idt = {0, NULL};

    __asm__ volatile("lidt %0\n\tud2" : : "m"(no_idt));
    __builtin_unreachable();
}
