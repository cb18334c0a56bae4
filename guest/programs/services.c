/* SPDX-License-Identifier: MIT
 * Test of the system services: what each does, and what it refuses. */

#include "services.h"

#include <tap.h>

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    test_dispatch();
    test_arguments();
    test_registers();
    test_allocation();
    test_protection();
    test_memory_query();
    test_memory_copy();
    test_events();
    test_waits();
    test_handles();
    test_files();
    test_time();
    test_information();
    test_processes();
    test_windows();
    return tap_done();
}
