/* SPDX-License-Identifier: MIT
 * Parts of the program `smp`. */
#ifndef SMP_H
#define SMP_H

#include <ntdll.h>
#include <ringscope/layout.h>

#define MILLISECONDS(n) (-10000 * (int64_t)(n))
#define SECONDS_TO_WAIT 20 /* for what takes no time, on a machine that is slow */

extern uint32_t cpus;

/* A thread that may run on this processor alone, and begins at once. */
HANDLE spawn_on(uint32_t cpu, thread_routine *routine, void *argument);
/* Waits for its end and closes it: its exit status. */
NTSTATUS join(HANDLE thread);
void sleep_ms(unsigned milliseconds);
NTSTATUS bind_to(HANDLE thread, uint64_t mask);
void set_priority(HANDLE thread, int32_t priority);
/* Looks at it until it is not 0, without a system call. False: it takes too long. */
bool spin_until(volatile uint64_t *value);
/* The processor that executes this, by the limit of a segment; NUMBER_UNKNOWN where ring 3 does not
 * see the guest's GDT. */
#define NUMBER_UNKNOWN UINT32_MAX
uint32_t number_by_segment(void);
/* Spins until `stop`, and counts in *argument. */
NTSTATUS spin(void *argument);
extern volatile uint64_t stop;

/* The descriptor tables and places of each processor. */
void test_processors(void);
/* Threads that hand a number on without the kernel's help. */
void test_ring(void);
void test_preemption(void);
void test_mutants(void);
void test_apcs(void);
/* Done to a thread that runs on another processor. */
void test_suspend(void);
void test_contexts(void);
void test_terminate(void);
/* Memory that another processor uses meanwhile. */
void test_shoot_down(void);
void test_probes(void);
void test_processes(char *self);
/* A child: all processors busy, and the end. */
int act(const char *what);

#endif
