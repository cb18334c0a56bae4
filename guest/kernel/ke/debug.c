/* SPDX-License-Identifier: MIT
 * Debug registers: each thread has its own, for ring 3. */

#include "cpu.h"
#include "mm.h"
#include "scheduler.h"

/* Local enable bits, length and kind of each: SDM Vol. 3B, "Debug Control Register (DR7)". No I/O
 * breakpoints (kind 2), no general detect, nothing global. */
#define DR7_ALLOWED RS_U64(0xffff0055)
#define DR7_ENABLE(n) (RS_U64(1) << (2 * (n)))
#define DR7_FIELD(n) (RS_U64(0xf) << (16 + 4 * (n)))
#define DR7_KIND(dr7, n) ((dr7) >> (16 + 4 * (n)) & 3)
#define DR7_KIND_IO 2

/* A breakpoint in kernel space would let ring 3 watch the kernel: it is left off. */
void KiSetDebugRegisters(struct kthread *thread, const struct context *context)
{
    const uint64_t addresses[4] = {context->Dr0, context->Dr1, context->Dr2, context->Dr3};
    uint64_t dr7 = context->Dr7 & DR7_ALLOWED;

    for (unsigned n = 0; n < 4; n++) {
        bool user = addresses[n] < RS_GVA_USER_PROBE;

        thread->Debug.Dr[n] = user ? addresses[n] : 0;
        if (!user || DR7_KIND(dr7, n) == DR7_KIND_IO)
            dr7 &= ~(DR7_ENABLE(n) | DR7_FIELD(n));
    }
    thread->Debug.Dr6 = context->Dr6;
    thread->Debug.Dr7 = dr7;
}

void KiLoadDebugRegisters(const struct kthread *thread)
{
    const struct kdebug_registers *debug = &thread->Debug;

    __asm__ volatile("movq %0, %%dr0" : : "r"(debug->Dr[0]));
    __asm__ volatile("movq %0, %%dr1" : : "r"(debug->Dr[1]));
    __asm__ volatile("movq %0, %%dr2" : : "r"(debug->Dr[2]));
    __asm__ volatile("movq %0, %%dr3" : : "r"(debug->Dr[3]));
    __asm__ volatile("movq %0, %%dr7" : : "r"(debug->Dr7));
}
