/* SPDX-License-Identifier: MIT
 * From a vector taken in ring 3 to the EXCEPTION_RECORD that the program sees. */

#include "ke.h"

/* X(vector, status) where nothing else depends on the vector */
#define PLAIN_STATUSES(X)                                                                          \
    X(DB, STATUS_SINGLE_STEP)                                                                      \
    X(BP, STATUS_BREAKPOINT)                                                                       \
    X(OF, STATUS_INTEGER_OVERFLOW)                                                                 \
    X(BR, STATUS_ARRAY_BOUNDS_EXCEEDED)                                                            \
    X(NM, STATUS_ILLEGAL_INSTRUCTION)                                                              \
    X(CSO, STATUS_ACCESS_VIOLATION)                                                                \
    X(TS, STATUS_ACCESS_VIOLATION)                                                                 \
    X(NP, STATUS_ACCESS_VIOLATION)                                                                 \
    X(SS, STATUS_ACCESS_VIOLATION)                                                                 \
    X(AC, STATUS_DATATYPE_MISALIGNMENT)                                                            \
    X(XM, STATUS_FLOAT_MULTIPLE_TRAPS)                                                             \
    X(VE, STATUS_ILLEGAL_INSTRUCTION)                                                              \
    X(CP, STATUS_ILLEGAL_INSTRUCTION)                                                              \
    X(FASTFAIL, STATUS_STACK_BUFFER_OVERRUN)                                                       \
    X(ASSERT, STATUS_ASSERTION_FAILURE)                                                            \
    X(DBGSVC, STATUS_BREAKPOINT)

/* The lowest unmasked exception bit of the x87 status word: SDM Vol. 1, "x87 FPU Status Register".
 */
static NTSTATUS x87_status(void)
{
    uint16_t status_word, control_word;

    __asm__ volatile("fnstsw %0\n\tfnstcw %1" : "=m"(status_word), "=m"(control_word));
    unsigned pending = status_word & ~control_word & 0x3f;
    if (pending & 0x01)
        return status_word & 0x40 ? STATUS_FLOAT_STACK_CHECK : STATUS_FLOAT_INVALID_OPERATION;
    if (pending & 0x04)
        return STATUS_FLOAT_DIVIDE_BY_ZERO;
    if (pending & 0x02)
        return STATUS_FLOAT_DENORMAL_OPERAND;
    if (pending & 0x08)
        return STATUS_FLOAT_OVERFLOW;
    if (pending & 0x10)
        return STATUS_FLOAT_UNDERFLOW;
    return STATUS_FLOAT_INEXACT_RESULT;
}

static NTSTATUS status_of(const struct ktrap_frame *frame,
                          const struct kexception_frame *exception_frame, unsigned vector,
                          NTSTATUS fault_status)
{
    switch (vector) {
#define X(mnemonic, status)                                                                        \
    case RS_VECTOR_##mnemonic:                                                                     \
        return status;
        PLAIN_STATUSES(X)
#undef X
    case RS_VECTOR_DE:
        return KiDecodeDivide(frame, exception_frame);
    case RS_VECTOR_UD:
        return KiDecodeInvalidOpcode(frame);
    case RS_VECTOR_GP:
        return KiDecodeGeneralProtection(frame);
    case RS_VECTOR_MF:
        return x87_status();
    default:
        return fault_status;
    }
}

static void add_parameter(struct exception_record *record, uint64_t value)
{
    record->ExceptionInformation[record->NumberParameters++] = value;
}

static void add_parameters(const struct ktrap_frame *frame, unsigned vector, NTSTATUS fault_status,
                           struct exception_record *record)
{
    switch (vector) {
    case RS_VECTOR_PF: /* write: bit 1, fetch: bit 4; both as NT numbers them */
        add_parameter(record, (frame->ErrorCode >> 1) & 9);
        add_parameter(record, frame->FaultAddress);
        if (record->ExceptionCode == STATUS_IN_PAGE_ERROR)
            add_parameter(record, (uint32_t)fault_status);
        break;
    case RS_VECTOR_FASTFAIL:
        add_parameter(record, (uint32_t)frame->Rcx);
        break;
    case RS_VECTOR_BP:
        add_parameter(record, 0);
        break;
    case RS_VECTOR_DBGSVC:
        add_parameter(record, frame->Rax);
        add_parameter(record, frame->Rcx);
        add_parameter(record, frame->Rdx);
        break;
    default: /* the address of a #GP is not known */
        if (record->ExceptionCode == STATUS_ACCESS_VIOLATION) {
            add_parameter(record, EXCEPTION_READ_FAULT);
            add_parameter(record, ~0ull);
        }
        break;
    }
}

/* A page fault keeps three of its statuses; every other failure is an error of the pager. */
static NTSTATUS page_fault_code(NTSTATUS status)
{
    if (status == STATUS_ACCESS_VIOLATION || status == STATUS_GUARD_PAGE_VIOLATION ||
        status == STATUS_STACK_OVERFLOW)
        return status;
    return STATUS_IN_PAGE_ERROR;
}

void KiBuildRecord(const struct ktrap_frame *frame, const struct kexception_frame *exception_frame,
                   unsigned vector, NTSTATUS status, struct exception_record *record)
{
    uint64_t address = frame->Rip;

    if (vector == RS_VECTOR_BP) /* reported at the CC byte, */
        address -= 1;
    else if (vector == RS_VECTOR_ASSERT) /* and at the CD 2C */
        address -= 2;

    record->ExceptionCode = vector == RS_VECTOR_PF
                                ? page_fault_code(status)
                                : status_of(frame, exception_frame, vector, status);
    record->ExceptionFlags = vector == RS_VECTOR_FASTFAIL ? EXCEPTION_NONCONTINUABLE : 0;
    record->ExceptionRecord = NULL;
    record->ExceptionAddress = (void *)address;
    record->NumberParameters = 0;
    add_parameters(frame, vector, status, record);
}
