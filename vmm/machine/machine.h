/* SPDX-License-Identifier: MIT
 * The machine: one VM with its devices, hooks and stream, from boot to stop. */
#ifndef RINGSCOPE_MACHINE_H
#define RINGSCOPE_MACHINE_H

#include "blob.h"
#include "devices/i8042.h"
#include "devices/mmio.h"
#include "devices/ports.h"
#include "devices/uart16550.h"
#include "devices/virtio_blk.h"
#include "error.h"
#include "hooks/hooks.h"
#include "kvm/cpu_model.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "loader/direct.h"
#include "trace/stream.h"

#include <pthread.h>
#include <stdatomic.h>

/* The disk behind the guest's paging file. */
struct rs_machine_pagefile {
    int fd;        /* not owned */
    uint64_t size; /* bytes; 0: there is none */
    bool grows;    /* the file is as long as what was written; the rest are zeros */
};

struct rs_pc;

struct rs_machine_config {
    struct rs_blob kernel;
    /* Whose image the kernel is. RINGSCOPE: <ringscope/abi.h>, with a program. Otherwise a PC is
     * made of the machine, and of the fields to `pagefile` none is used. */
    enum rs_protocol protocol;
    const char *command_line;       /* of another kernel; NULL: none */
    struct rs_blob initrd;          /* of another kernel; no bytes: none */
    const struct rs_cpu_model *cpu; /* NULL: what KVM offers; must outlive the machine */
    struct rs_blob program;         /* no bytes: the kernel is started without one */
    char *const *arguments;         /* argv of the program, NULL-terminated, the name first */
    const struct rs_blob *modules;  /* files that the guest finds beside its program */
    unsigned module_count;
    struct rs_machine_pagefile pagefile;
    uint64_t memory_size; /* bytes, whole 2 MiB, RS_RAM_MIN..RS_RAM_MAX */
    unsigned cpu_count;   /* vCPUs, 1..RS_CPUS_MAX; 0: one */
    bool kva_shadow;      /* ask the kernel for it */
    bool stamps;          /* reserve a stamp area: <ringscope/stamp.h> */
    /* The kernel stops with RS_STOP_READY where rs_boot_put_program() can fill in another program:
     * before it looks for one when none is given, else when it has loaded the one that is. */
    bool ready;
    uint64_t program_room; /* bytes kept for them */
    struct rs_hooks_config hooks;
};

struct rs_stop {
    enum rs_stop_kind kind;
    uint32_t value;    /* as RS_STOPS says */
    unsigned cpu;      /* index of the vCPU that stopped the machine */
    char message[480]; /* CRASH */
};

/* One vCPU: its registers, its hooks, the ring of its events, and the thread that runs it. */
struct rs_cpu {
    struct rs_machine *machine;
    struct rs_vcpu vcpu;
    struct rs_hooks hooks;
    struct rs_stream stream;
    pthread_t thread;      /* to be joined */
    pthread_t self;        /* the same, written by itself */
    atomic_bool started;   /* and not ended: `self` can be kicked */
    atomic_bool abandoned; /* the thread ended where it was; `abandoned_value` says more */
    uint32_t abandoned_value;
    bool buried;
    atomic_uint_fast64_t exits; /* KVM_RUN returns; its thread's to change */
    bool unwatched;      /* nothing is hooked: its exits bring no registers, and no time stamps */
    atomic_bool unarmed; /* with several vCPUs: no IDT of this one has been found */
};

struct rs_machine {
    struct rs_vm vm;
    struct rs_hook_set hooks; /* what the vCPUs' hooks have in common */
    struct rs_cpu *cpus;      /* owned; the first one boots, the others wait for its SIPI */
    unsigned cpu_count;
    uint64_t tsc_hz;     /* of the host's TSC as KVM knows it; 0 unknown */
    uint64_t stamps_gpa; /* of the stamp area; 0: there is none */

    /* With `device_lock`. Devices that other threads reach, too, have locks of their own. */
    pthread_mutex_t device_lock;
    struct rs_ports ports;
    struct rs_mmio mmio;
    struct rs_uart uart;
    struct rs_i8042 keyboard;
    bool machine_checks;       /* the host can inject them */
    struct rs_virtio pagefile; /* a transport without a device when there is none */
    struct rs_blk pagefile_disk;
    struct rs_pc *pc; /* the devices of another kernel's machine; NULL: ringscope's own */
    char console[RS_CONSOLE_RECORD_MAX]; /* bytes that are not in a stream yet */
    uint64_t console_tsc;     /* of the last ones in a stream, or the exit of later ones */
    bool console_due;         /* a line is complete, or there is little room left */
    atomic_uint console_used; /* read without the lock, too */

    uint32_t ready_at; /* RS_READY_*: the mark that stops it */

    /* Whoever changes `stopping` from NONE says why. */
    atomic_int stopping; /* enum rs_stop_kind */
    atomic_uint running; /* vCPU threads that have not ended */

    /* With `run_lock`. */
    pthread_mutex_t run_lock;
    struct rs_stop stop; /* complete when `running` is 0 */
    /* All vCPUs out of the guest for a moment: pause.c. */
    pthread_cond_t paused;
    uint64_t buried_ns;      /* CLOCK_MONOTONIC, of the first abandoned thread; 0: none */
    bool stuck;              /* threads wait for an abandoned one, for ever */
    unsigned present;        /* vCPU threads that have not ended */
    unsigned waiting;        /* of these, for the others */
    unsigned pauses;         /* that there have been */
    atomic_uint arm_toggles; /* asked for by rs_machine_toggle_hooks() */
    atomic_uint arm_toggles_done;

    /* Asked at each event that is reported, on one vCPU thread at a time; true: the machine stops
     * there, before this vCPU runs on. NULL: none. */
    bool (*until)(void *context, const struct rs_event *event);
    void *until_context;
    /* Called on each vCPU thread before its first KVM_RUN; false: it does not run. NULL: none. */
    bool (*begin)(void *context, struct rs_cpu *cpu);
    void *begin_context;
};

/* Creates the VM and loads everything. kvm_fd stays the caller's. */
int rs_machine_create(struct rs_machine *machine, int kvm_fd,
                      const struct rs_machine_config *config, struct rs_error *error);
void rs_machine_destroy(struct rs_machine *machine);

/* Starts a thread for each vCPU. They end by themselves, all of them when one does, with
 * machine->stop filled and `running` 0. */
int rs_machine_start(struct rs_machine *machine, struct rs_error *error);

/* The same on the calling thread, until it ends; for machines with one vCPU. Other threads may ask
 * it to stop. */
void rs_machine_run(struct rs_machine *machine);

/* Asks the vCPU threads to stop; the first reason counts. Async-signal-safe; cannot be missed. */
void rs_machine_stop(struct rs_machine *machine, enum rs_stop_kind reason);

/* Disarms the hooks, or arms them again, from the next exit on. Async-signal-safe. */
void rs_machine_toggle_hooks(struct rs_machine *machine);

/* For a signal handler on a vCPU thread, which goes no further: asks the others to stop. */
void rs_cpu_abandon(struct rs_cpu *cpu, enum rs_stop_kind kind, uint32_t value);

/* For the main thread, while it waits for `running`: does for abandoned threads what they did not.
 * True: the others have had time to end, and some wait for a lock that nobody will give back; they
 * are left where they are, and so is the machine. */
bool rs_machine_bury(struct rs_machine *machine);
/* After rs_machine_join(): puts the last record into the streams of abandoned threads. */
void rs_machine_end_abandoned(struct rs_machine *machine);

/* Has vCPUs come out of the guest whose IDT has not been found. One that has nothing to do may have
 * loaded it and not exited since; interrupts would go by unseen. To be called now and then. */
void rs_machine_look(struct rs_machine *machine);

/* Waits for the vCPU threads. */
void rs_machine_join(struct rs_machine *machine);

/* What all vCPUs have counted together. */
struct rs_hooks_counts rs_machine_counts(const struct rs_machine *machine);
uint64_t rs_machine_dropped(const struct rs_machine *machine);

/* Runs on the calling thread until the machine stops: what a vCPU thread does. */
void rs_cpu_run(struct rs_cpu *cpu);

/* The descriptors that the vCPU's thread uses, and no others: of the vCPU, the VM (interrupt
 * lines), what wakes the main thread, and the paging file, -1 where there is none. The machine owns
 * them. */
#define RS_CPU_FILES 4
void rs_cpu_files(const struct rs_cpu *cpu, int files[RS_CPU_FILES]);

/* One KVM_RUN and its handler. False: the machine stops. For the benchmarks, which time single
 * exits on a thread of their own. */
bool rs_cpu_step(struct rs_cpu *cpu);

/* Records why the machine stops, unless it already has a reason. `cpu` found it. */
void rs_cpu_set_stop(struct rs_cpu *cpu, enum rs_stop_kind kind, uint32_t value, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));

/* A byte of the console's, with device_lock: an rs_uart_transmit_fn. */
void rs_machine_console_byte(void *machine, char byte);
/* The vCPU's exit has brought some, with device_lock. */
void rs_cpu_wrote_console(struct rs_cpu *cpu);
/* Moves console bytes that are pending into the vCPU's stream. With `event` the exit will report
 * one: bytes that another vCPU has written since this exit stay where they are, for they belong
 * behind the event. Otherwise the exit is as late as they are: hooks.tsc_exit. */
void rs_cpu_put_console(struct rs_cpu *cpu, bool event);
static inline bool rs_cpu_has_console(const struct rs_cpu *cpu)
{
    return atomic_load_explicit(&cpu->machine->console_used, memory_order_relaxed) != 0;
}
static inline void rs_cpu_flush_console(struct rs_cpu *cpu)
{
    if (rs_cpu_has_console(cpu))
        rs_cpu_put_console(cpu, false);
}
static inline void rs_cpu_flush_console_before_event(struct rs_cpu *cpu)
{
    if (rs_cpu_has_console(cpu))
        rs_cpu_put_console(cpu, true);
}

static inline bool rs_machine_stopping(const struct rs_machine *machine)
{
    return atomic_load_explicit(&machine->stopping, memory_order_relaxed) != RS_STOP_NONE;
}

/* Around what `device_lock` guards. With one vCPU there is nobody else. */
static inline void rs_machine_lock_devices(struct rs_machine *machine)
{
    if (machine->cpu_count > 1)
        pthread_mutex_lock(&machine->device_lock);
}

static inline void rs_machine_unlock_devices(struct rs_machine *machine)
{
    if (machine->cpu_count > 1)
        pthread_mutex_unlock(&machine->device_lock);
}

#endif
