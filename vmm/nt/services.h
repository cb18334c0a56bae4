/* SPDX-License-Identifier: MIT
 * Names: services, their arguments, NTSTATUS values, vectors and MSRs by number. */
#ifndef RINGSCOPE_NT_NAMES_H
#define RINGSCOPE_NT_NAMES_H

#include <ringscope/nt/services.h>
#include <stdbool.h>
#include <stdint.h>

/* Name of the service that a SYSCALL with this EAX reaches, or NULL. */
const char *rs_service_name(uint32_t eax);

/* Process-wide: the guest, or the trace that is read, is another kernel's: its services have no
 * names, and what they return is no NTSTATUS. */
void rs_services_of_other_kernel(bool other);

/* "file": its class (<ringscope/nt/services.h>), or NULL. */
const char *rs_service_class(uint32_t eax);

/* C arguments of that service; RS_SERVICE_REGISTER_ARGS when it is not known. */
unsigned rs_service_argument_count(uint32_t eax);

/* "Handle:h", as in the table; "" when it is not known or takes none. */
const char *rs_service_arguments(uint32_t eax);

/* Kind of argument `index` (<ringscope/nt/services.h>), 'x' when it is not known. */
char rs_service_argument_kind(uint32_t eax, unsigned index);

/* Its name in the table; length 0 when it is not known. Not NUL-terminated. */
struct rs_argument_name {
    const char *start;
    int length;
};
struct rs_argument_name rs_service_argument_name(uint32_t eax, unsigned index);

/* "STATUS_SUCCESS", or NULL. */
const char *rs_status_name(uint32_t status);

/* The same of what a service has returned. NULL for the numbers that those of the second table
 * return; a status of theirs is an error of the dispatcher. */
const char *rs_service_result_name(uint32_t eax, uint32_t result);

/* "#PF", "NMI", "CLOCK", or NULL; and the title. */
const char *rs_vector_name(uint8_t vector);

/* "LSTAR", or NULL. */
const char *rs_msr_name(uint32_t index);

#endif
