/* SPDX-License-Identifier: MIT
 * Parts of the program `services`. */
#ifndef SERVICES_H
#define SERVICES_H

#include <stdint.h>

/* Never mapped by these programs; in kernel space. */
#define BAD_ADDRESS ((void *)0x600000000)
#define KERNEL_ADDRESS ((void *)0xfffff80140000000)
#define BAD_HANDLE ((void *)0x3fc)

void test_dispatch(void);   /* services_dispatch.c */
void test_arguments(void);  /* services_arguments.c */
void test_registers(void);  /* services_registers.c */
void test_allocation(void); /* services_memory.c */
void test_protection(void);
void test_memory_query(void);
void test_memory_copy(void);
void test_events(void); /* services_objects.c */
void test_waits(void);
void test_handles(void);
void test_files(void); /* services_system.c */
void test_time(void);
void test_information(void);
void test_processes(void);
void test_windows(void); /* services_window.c */

#endif
