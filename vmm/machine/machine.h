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
#include "kvm/vcpu.h"
#include "kvm/vm.h"
#include "trace/stream.h"

#include <pthread.h>
#include <stdatomic.h>

/* The disk behind the guest's paging file. */
struct rs_machine_pagefile {
    int fd;        /* not owned */
    uint64_t size; /* bytes; 0: there is none */
    bool grows;    /* the file is as long as what was written; the rest are zeros */
};

struct rs_machine_config {
    struct rs_blob kernel;
    struct rs_blob program;        /* no bytes: the kernel is started without one */
    char *const *arguments;        /* argv of the program, NULL-terminated, the name first */
    const struct rs_blob *modules; /* files that the guest finds beside its program */
    unsigned module_count;
    struct rs_machine_pagefile pagefile;
    uint64_t memory_size; /* bytes, whole 2 MiB, RS_RAM_MIN..RS_RAM_MAX */
    bool kva_shadow;      /* ask the kernel for it */
    struct rs_hooks_config hooks;
};

struct rs_stop {
    enum rs_stop_kind kind;
    uint32_t value;    /* as RS_STOPS says */
    char message[480]; /* CRASH */
};

struct rs_machine {
    struct rs_vm vm;
    struct rs_vcpu vcpu;
    struct rs_ports ports;
    struct rs_mmio mmio;
    struct rs_uart uart;
    struct rs_i8042 keyboard;
    struct rs_virtio pagefile; /* a transport without a device when there is none */
    struct rs_blk pagefile_disk;
    struct rs_hooks hooks;
    struct rs_stream stream;
    struct rs_stop stop;     /* the vCPU thread's until it has ended */
    atomic_uint arm_toggles; /* asked for by rs_machine_toggle_hooks() */
    unsigned arm_toggles_done;
    atomic_int stop_request; /* enum rs_stop_kind, set by rs_machine_stop() */
    pthread_t thread;
    atomic_bool running; /* false once the vCPU thread has ended */
    uint64_t tsc_hz;     /* of the host's TSC as KVM knows it; 0 unknown */
    uint64_t exits;      /* KVM_RUN returns */
    /* Asked at each event that is reported, on the vCPU thread; true: the machine stops there,
     * before the guest runs on. NULL: none. */
    bool (*until)(void *context, const struct rs_event *event);
    void *until_context;
    char console[RS_CONSOLE_RECORD_MAX]; /* bytes that are not in the stream yet */
    unsigned console_used;
};

/* Creates the VM and loads everything. kvm_fd stays the caller's. */
int rs_machine_create(struct rs_machine *machine, int kvm_fd,
                      const struct rs_machine_config *config, struct rs_error *error);
void rs_machine_destroy(struct rs_machine *machine);

/* Starts the vCPU thread. It ends by itself with machine->stop filled and `running` false. */
int rs_machine_start(struct rs_machine *machine, struct rs_error *error);

/* Asks the vCPU thread to stop; the first reason counts. Async-signal-safe; cannot be missed. */
void rs_machine_stop(struct rs_machine *machine, enum rs_stop_kind reason);

/* Disarms the hooks, or arms them again, from the next exit on. Async-signal-safe. */
void rs_machine_toggle_hooks(struct rs_machine *machine);

/* Waits for the vCPU thread. */
void rs_machine_join(struct rs_machine *machine);

/* Runs on the calling thread until the machine stops: what the vCPU thread does. */
void rs_machine_run(struct rs_machine *machine);

/* One KVM_RUN and its handler. False: the machine stops. For the benchmarks, which time single
 * exits on a thread of their own. */
bool rs_machine_step(struct rs_machine *machine);

/* Records why the machine stops, unless it already has a reason. */
void rs_machine_set_stop(struct rs_machine *machine, enum rs_stop_kind kind, uint32_t value,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Moves console bytes that are pending into the stream. */
void rs_machine_flush_console(struct rs_machine *machine);

#endif
