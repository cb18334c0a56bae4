/* SPDX-License-Identifier: MIT
 * A breakpoint in ring 0. */
#include "breakpoint.h"

#include "loader/elf64.h"

#include <inttypes.h>

#define OUT_IMM8_AL 0xe6

static const uint8_t patch[2] = {OUT_IMM8_AL, RS_PORT_BREAKPOINT};

/* Some hosts report the OUT with RIP at it, others with RIP behind it. */
static void on_out(void *device, struct rs_port_io *io)
{
    struct rs_breakpoint *breakpoint = device;
    struct kvm_regs *regs = rs_vcpu_regs(&io->cpu->vcpu);

    rs_vcpu_fetch(&io->cpu->vcpu);
    if (!io->out || (regs->rip != breakpoint->gva && regs->rip != breakpoint->gva + sizeof(patch)))
        return;
    regs->rip = breakpoint->gva;
    rs_cpu_set_stop(io->cpu, RS_STOP_REACHED, 0, "%s", "");
}

static const struct rs_elf64_segment *find_code(const struct rs_elf64_image *image, uint64_t gva)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *segment = &image->segments[i];

        if ((segment->flags & RS_ELF64_X) && segment->file_size >= sizeof(patch) &&
            gva >= segment->vaddr && gva - segment->vaddr <= segment->file_size - sizeof(patch))
            return segment;
    }
    return NULL;
}

int rs_breakpoint_set(struct rs_breakpoint *breakpoint, struct rs_machine *machine,
                      const struct rs_blob *kernel, uint64_t gva, struct rs_error *error)
{
    const struct rs_elf64_segment *segment;
    struct rs_elf64_image image;
    struct rs_elf64_error elf;

    if (rs_elf64_parse(kernel->bytes, kernel->size, &image, &elf) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s: %s", kernel->name, elf.message);
    segment = find_code(&image, gva);
    if (!segment)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "%#" PRIx64 " is no code of the kernel: in ring 3 and in data no host "
                            "can be stopped like this; use syscall:NAME or exception:VECTOR",
                            gva);
    *breakpoint = (struct rs_breakpoint){
        .machine = machine,
        .gva = gva,
        .gpa = segment->paddr + (gva - segment->vaddr),
    };
    if (rs_memory_find_place(&machine->vm.memory, breakpoint->gpa, &breakpoint->place) != 0 ||
        rs_memory_read(&machine->vm.memory, breakpoint->gpa, breakpoint->bytes, sizeof(patch)) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "no memory at %#" PRIx64, breakpoint->gpa);
    rs_place_replace(&breakpoint->place, breakpoint->bytes, patch);
    rs_ports_add(&machine->ports, RS_PORT_BREAKPOINT, RS_PORT_BREAKPOINT, on_out, breakpoint);
    return 0;
}

void rs_breakpoint_remove(struct rs_breakpoint *breakpoint)
{
    if (breakpoint->machine)
        rs_place_replace(&breakpoint->place, patch, breakpoint->bytes);
}
