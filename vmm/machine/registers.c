/* SPDX-License-Identifier: MIT
 * The registers of a machine that has stopped, as text. */
#include "registers.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that those of a vCPU take, with the final NUL. */
#define TEXT_MAX 1024

static void put_cpu(const struct rs_cpu *cpu, char *text, size_t size)
{
    const struct kvm_regs *r = &cpu->vcpu.run->s.regs.regs;
    const struct kvm_sregs *s = &cpu->vcpu.run->s.regs.sregs;

    snprintf(text, size,
             "rip=%016llx rsp=%016llx rfl=%08llx cpl=%u\n"
             "rax=%016llx rbx=%016llx rcx=%016llx rdx=%016llx\n"
             "rsi=%016llx rdi=%016llx rbp=%016llx r8 =%016llx\n"
             "r9 =%016llx r10=%016llx r11=%016llx r12=%016llx\n"
             "r13=%016llx r14=%016llx r15=%016llx cr2=%016llx\n"
             "cr0=%08llx cr3=%016llx cr4=%08llx efer=%08llx cs=%04x ss=%04x\n"
             "gdt=%016llx/%04x idt=%016llx/%04x tr=%04x\n",
             r->rip, r->rsp, r->rflags, s->ss.dpl, r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi,
             r->rbp, r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15, s->cr2, s->cr0,
             s->cr3, s->cr4, s->efer, s->cs.selector, s->ss.selector, s->gdt.base, s->gdt.limit,
             s->idt.base, s->idt.limit, s->tr.selector);
}

void rs_machine_print_registers(const struct rs_machine *machine, const char *prefix, FILE *out)
{
    char text[TEXT_MAX];

    for (unsigned i = 0; i < machine->cpu_count; i++) {
        char *rest = text, *line;

        fprintf(out, "%svcpu=%u\n", prefix, i);
        put_cpu(&machine->cpus[i], text, sizeof(text));
        while ((line = strsep(&rest, "\n")) && *line)
            fprintf(out, "%s%s\n", prefix, line);
    }
}

char *rs_machine_registers(const struct rs_machine *machine, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    if (!out)
        return NULL;
    rs_machine_print_registers(machine, "", out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
