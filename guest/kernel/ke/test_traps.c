/* SPDX-License-Identifier: MIT
 * Transitions on purpose: a machine check, both kinds of gates, an interrupt that CR8 holds off, a
 * shutdown. */

#include "apic.h"
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

static void wait_for(uint64_t count)
{
    const volatile uint64_t *interrupts = &KeGetPcr()->Counters.DispatchInterrupts;

    for (unsigned i = 0; i < PATIENCE && *interrupts != count; i++)
        __asm__ volatile("pause");
}

/* IRQL 2 holds vectors up to 2f off: SDM Vol. 3A, "Task Priority in IA-32e Mode". It is pending in
 * the local APIC meanwhile, and comes when CR8 is lowered. */
void KiTestIrql(struct irql_test *test)
{
    const volatile uint64_t *interrupts = &KeGetPcr()->Counters.DispatchInterrupts;
    uint8_t irql = KeRaiseIrql(DISPATCH_LEVEL);
    uint64_t before = *interrupts;

    KiSendSelf(RS_VECTOR_DPC);
    wait_for(before + 1);
    test->Raised = (uint32_t)(*interrupts - before);
    KeLowerIrql(irql);
    wait_for(before + 1);
    test->Lowered = (uint32_t)(*interrupts - before);
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
