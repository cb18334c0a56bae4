/* SPDX-License-Identifier: MIT
 * The PC asleep: switched off, or suspended to RAM until the clock's alarm. */
#include "devices/acpi_tables.h"
#include "kvm/entry.h"
#include "pc.h"

#include <ringscope/layout.h>
#include <string.h>
#include <time.h>

#define SLICE_NS 10000000 /* how long a request to stop may wait */
#define REAL_MODE_LAST 0xfffff

/* Until the alarm comes. False: the machine is to stop. A day of seconds has every alarm in it;
 * that the host's clock may jump costs at most another one. */
static bool wait_for_alarm(struct rs_pc *pc)
{
    const struct timespec slice = {.tv_nsec = SLICE_NS};
    struct timespec now;
    time_t seen;

    pc->rtc.now(pc->rtc.context, &now);
    seen = now.tv_sec;
    while (!rs_machine_stopping(pc->machine)) {
        pc->rtc.now(pc->rtc.context, &now);
        if (now.tv_sec != seen && rs_rtc_alarm(&pc->rtc, now.tv_sec))
            return true;
        seen = now.tv_sec;
        nanosleep(&slice, NULL);
    }
    return false;
}

/* "Waking and Restoring from Sleep States": real mode, at the vector that the kernel left. */
static int wake(struct rs_pc *pc, struct rs_cpu *cpu, struct rs_error *error)
{
    uint32_t vector = 0;

    pc->pm.status |= RS_ACPI_PM1_WAKE | RS_ACPI_PM1_RTC;
    if (rs_memory_read(&pc->machine->vm.memory,
                       RS_GPA_ACPI_TABLES + RS_ACPI_FACS + RS_ACPI_FACS_WAKING_VECTOR, &vector,
                       sizeof(vector)) != 0 ||
        vector == 0 || vector > REAL_MODE_LAST)
        return rs_error_set(error, RS_EXIT_CRASH,
                            "woken from S3 with the waking vector %#x, where no code of real mode "
                            "can be",
                            vector);
    rs_vcpu_enter_real(&cpu->vcpu, (uint16_t)(vector >> 4), vector & 0xf);
    return 0;
}

static int suspend(struct rs_pc *pc, struct rs_cpu *cpu, struct rs_error *error)
{
    if (cpu->vcpu.index != 0)
        return rs_error_set(error, RS_EXIT_CRASH,
                            "S3 was asked for by another vCPU than the first");
    if (!(pc->pm.enable & RS_ACPI_PM1_RTC))
        return rs_error_set(error, RS_EXIT_CRASH, "asleep (S3) with nothing enabled to wake it");
    return wait_for_alarm(pc) ? wake(pc, cpu, error) : 0;
}

void rs_pc_sleep(struct rs_pc *pc, struct rs_port_io *io, unsigned type)
{
    struct rs_error error;

    if (type == RS_ACPI_SLEEP_S3) {
        if (suspend(pc, io->cpu, &error) == 0)
            return;
        rs_cpu_set_stop(io->cpu, RS_STOP_CRASH, 0, "%s", error.message);
    } else if (type == RS_ACPI_SLEEP_OFF) {
        rs_cpu_set_stop(io->cpu, RS_STOP_POWER_OFF, 0, "%s", "");
    } else {
        rs_cpu_set_stop(io->cpu, RS_STOP_CRASH, 0,
                        "sleeping state of type %u is not one of the machine's", type);
    }
    io->ends = true;
}
