/* SPDX-License-Identifier: MIT
 * What modules stand on: the head that the bundled kernel looks for, and its exceptions. */

#include "ring0.h"

#include <ringscope/abi.h>
#include <trap.h>

extern const uint8_t TestModuleKernel[]; /* an address of the linker script: no address */

bool test_module_trap(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                      unsigned vector);
NTSTATUS test_module_entry(void);

__asm__(".pushsection .module, \"aw\", @progbits\n\t.quad 0x304d5352, TestModuleKernel, "
        "test_module_trap\n\t.popsection");

bool test_module_trap(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                      unsigned vector)
{
    struct test_registers registers = {
        .r15 = exception_frame->R15,
        .r14 = exception_frame->R14,
        .r13 = exception_frame->R13,
        .r12 = exception_frame->R12,
        .r11 = frame->R11,
        .r10 = frame->R10,
        .r9 = frame->R9,
        .r8 = frame->R8,
        .rbp = frame->Rbp,
        .rdi = frame->Rdi,
        .rsi = frame->Rsi,
        .rdx = frame->Rdx,
        .rcx = frame->Rcx,
        .rbx = frame->Rbx,
        .rax = frame->Rax,
        .vector = vector,
        .error = frame->ErrorCode,
        .rip = frame->Rip,
        .cs = frame->SegCs,
        .rflags = frame->EFlags,
        .rsp = frame->Rsp,
        .ss = frame->SegSs,
    };

    if (!test_recover(&registers))
        test_fault_unexpected(&registers);
    frame->Rip = registers.rip;
    return true;
}

NTSTATUS test_module_entry(void)
{
    static char name[] = "test";
    char *arguments[] = {name, NULL};

    return (NTSTATUS)main(1, arguments);
}
