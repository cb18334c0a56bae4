/* SPDX-License-Identifier: MIT
 * Exceptions as such: which push an error code, and what a second one becomes. */
#include "model/internal.h"

bool rs_exception_has_error_code(uint8_t vector)
{
    switch (vector) {
#define X(mnemonic, number, class, error_code, dpl, ist, handler, title)                           \
    case (number):                                                                                 \
        return (error_code) != 0;
        RS_VECTORS(X)
#undef X
    case 0x1d: /* #VC and #SX: AMD APM Vol. 2, "Vectors" */
    case 0x1e:
        return true;
    default:
        return false;
    }
}

enum rs_exception_class rs_exception_class_of(uint8_t vector)
{
    switch (vector) {
    case RS_VECTOR_DF:
        return RS_EXCEPTION_DOUBLE_FAULT;
    case RS_VECTOR_PF:
    case RS_VECTOR_VE:
        return RS_EXCEPTION_PAGE_FAULT;
    case RS_VECTOR_DE:
    case RS_VECTOR_TS:
    case RS_VECTOR_NP:
    case RS_VECTOR_SS:
    case RS_VECTOR_GP:
    case RS_VECTOR_CP:
        return RS_EXCEPTION_CONTRIBUTORY;
    default:
        return RS_EXCEPTION_BENIGN;
    }
}

/* SDM Vol. 3A, table "Conditions for Generating a Double Fault". */
enum rs_nested_action rs_nested_action_of(enum rs_exception_class first,
                                          enum rs_exception_class second)
{
    if (first == RS_EXCEPTION_BENIGN || second == RS_EXCEPTION_BENIGN)
        return RS_NESTED_SERIAL;
    if (first == RS_EXCEPTION_DOUBLE_FAULT)
        return RS_NESTED_SHUTDOWN;
    if (first == RS_EXCEPTION_CONTRIBUTORY && second == RS_EXCEPTION_PAGE_FAULT)
        return RS_NESTED_SERIAL;
    return RS_NESTED_DOUBLE_FAULT;
}
