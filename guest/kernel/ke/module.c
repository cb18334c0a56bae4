/* SPDX-License-Identifier: MIT
 * A module: code of ring 0 that takes the program's place, such as a test of this kernel. */

#include "ke.h"
#include "mm.h"

#include <elf.h>

typedef NTSTATUS module_entry(void);
typedef bool module_trap(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                         unsigned vector);

static module_trap *trap; /* NULL: there is no module, or it has none */

_Noreturn void KiRunModule(const struct rs_boot_module *module)
{
    const struct rs_module_head *head = (const struct rs_module_head *)RS_GVA_MODULE;
    const Elf64_Ehdr *header = MmPhysical(module->gpa);

    trap = (module_trap *)head->trap;
    KeEndProgram(((module_entry *)header->e_entry)());
}

/* Its own exceptions alone: what it calls in the kernel is the kernel's. */
bool KiModuleTrap(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                  unsigned vector)
{
    return trap && frame->Rip - RS_GVA_MODULE < RS_MODULE_MAX &&
           trap(frame, exception_frame, vector);
}
