/* SPDX-License-Identifier: MIT
 * Parts of the program `threads`. */
#ifndef THREADS_H
#define THREADS_H

#include <ntdll.h>

#define MILLISECONDS(n) (-10000 * (int64_t)(n))

extern const int64_t no_time;

/* A thread that runs at once; the program ends when there is none to be had. */
HANDLE spawn(thread_routine *routine, void *argument);
/* Waits for its end and closes it: its exit status. */
NTSTATUS join(HANDLE thread);
NTSTATUS exit_status(HANDLE thread);
void sleep_ms(unsigned milliseconds);
HANDLE create_event(uint32_t type);

void test_life(void);
void test_turns(void);
void test_priorities(void);
void test_semaphores(void);
void test_mutants(void);
void test_timers(void);
void test_many(void);
void test_suspend(void);
void test_terminate(void);
void test_alerts(void);
void test_apcs(void);
void test_contexts(void);
void test_vectors(void);
void test_breakpoints(void);
void test_deferred(void);

#endif
