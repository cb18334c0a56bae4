/* SPDX-License-Identifier: MIT
 * KVM_EXIT_MMIO: devices in memory. */
#include "data.h"
#include "exits.h"

enum rs_exit_action rs_exit_mmio(struct rs_cpu *cpu)
{
    struct kvm_run *run = cpu->vcpu.run;
    struct rs_mmio_io io = {.size = (uint8_t)run->mmio.len, .write = run->mmio.is_write};

    if (run->mmio.len > sizeof(run->mmio.data))
        return rs_exit_crash(cpu, "KVM_EXIT_MMIO of %u bytes at %#llx is not sound", run->mmio.len,
                             (unsigned long long)run->mmio.phys_addr);
    if (io.write)
        io.value = rs_exit_load(run->mmio.data, io.size);
    rs_machine_lock_devices(cpu->machine);
    rs_mmio_access(&cpu->machine->mmio, run->mmio.phys_addr, &io);
    rs_machine_unlock_devices(cpu->machine);
    if (!io.write)
        rs_exit_store(run->mmio.data, io.value, io.size);
    return RS_EXIT_RESUME;
}
