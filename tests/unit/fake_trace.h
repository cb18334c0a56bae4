/* SPDX-License-Identifier: MIT
 * A directory for a trace, and a writer into it. */
#ifndef RINGSCOPE_TESTS_FAKE_TRACE_H
#define RINGSCOPE_TESTS_FAKE_TRACE_H

#include "trace/ctf/internal.h"

#define FAKE_TRACE_TSC_HZ UINT64_C(2600000000)
#define FAKE_TRACE_TSC UINT64_C(0x7fffffff0) /* where its clock begins */

/* Set by the first one; `old` is where an older trace is put aside. */
extern char fake_trace_path[80], fake_trace_old[96];

/* A checked fixture: before and after each test. */
void fake_trace_setup(void);
void fake_trace_teardown(void);

void fake_trace_open(struct rs_ctf_writer *writer, unsigned cpus);
/* The same in rotation: of `size` bytes. */
void fake_trace_open_ring(struct rs_ctf_writer *writer, unsigned cpus, uint64_t size);
/* A file of the trace. */
int fake_trace_file(const char *name, int flags);

#endif
