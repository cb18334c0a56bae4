/* SPDX-License-Identifier: MIT
 * The one table of NTSTATUS values in use. Source: Microsoft Open Specifications, [MS-ERREF]. */
#ifndef RINGSCOPE_NT_STATUS_H
#define RINGSCOPE_NT_STATUS_H

/* X(name, value) */
#define RS_NTSTATUSES(X)                                                                           \
    X(STATUS_SUCCESS, 0x00000000)                                                                  \
    X(STATUS_WAIT_1, 0x00000001)                                                                   \
    X(STATUS_ABANDONED_WAIT_0, 0x00000080)                                                         \
    X(STATUS_USER_APC, 0x000000c0)                                                                 \
    X(STATUS_ALERTED, 0x00000101)                                                                  \
    X(STATUS_TIMEOUT, 0x00000102)                                                                  \
    X(STATUS_PENDING, 0x00000103)                                                                  \
    X(STATUS_WAS_LOCKED, 0x40000019)                                                               \
    X(STATUS_ALREADY_WIN32, 0x4000001b)                                                            \
    X(STATUS_NO_YIELD_PERFORMED, 0x40000024)                                                       \
    X(STATUS_GUARD_PAGE_VIOLATION, 0x80000001)                                                     \
    X(STATUS_DATATYPE_MISALIGNMENT, 0x80000002)                                                    \
    X(STATUS_BREAKPOINT, 0x80000003)                                                               \
    X(STATUS_SINGLE_STEP, 0x80000004)                                                              \
    X(STATUS_BUFFER_OVERFLOW, 0x80000005)                                                          \
    X(STATUS_NO_MORE_FILES, 0x80000006)                                                            \
    X(STATUS_PARTIAL_COPY, 0x8000000d)                                                             \
    X(STATUS_UNSUCCESSFUL, 0xc0000001)                                                             \
    X(STATUS_NOT_IMPLEMENTED, 0xc0000002)                                                          \
    X(STATUS_INVALID_INFO_CLASS, 0xc0000003)                                                       \
    X(STATUS_INFO_LENGTH_MISMATCH, 0xc0000004)                                                     \
    X(STATUS_ACCESS_VIOLATION, 0xc0000005)                                                         \
    X(STATUS_IN_PAGE_ERROR, 0xc0000006)                                                            \
    X(STATUS_INVALID_HANDLE, 0xc0000008)                                                           \
    X(STATUS_INVALID_CID, 0xc000000b)                                                              \
    X(STATUS_INVALID_PARAMETER, 0xc000000d)                                                        \
    X(STATUS_NO_SUCH_FILE, 0xc000000f)                                                             \
    X(STATUS_INVALID_DEVICE_REQUEST, 0xc0000010)                                                   \
    X(STATUS_END_OF_FILE, 0xc0000011)                                                              \
    X(STATUS_NO_MEMORY, 0xc0000017)                                                                \
    X(STATUS_CONFLICTING_ADDRESSES, 0xc0000018)                                                    \
    X(STATUS_NOT_MAPPED_VIEW, 0xc0000019)                                                          \
    X(STATUS_UNABLE_TO_FREE_VM, 0xc000001a)                                                        \
    X(STATUS_UNABLE_TO_DELETE_SECTION, 0xc000001b)                                                 \
    X(STATUS_INVALID_SYSTEM_SERVICE, 0xc000001c)                                                   \
    X(STATUS_ILLEGAL_INSTRUCTION, 0xc000001d)                                                      \
    X(STATUS_INVALID_LOCK_SEQUENCE, 0xc000001e)                                                    \
    X(STATUS_INVALID_VIEW_SIZE, 0xc000001f)                                                        \
    X(STATUS_ALREADY_COMMITTED, 0xc0000021)                                                        \
    X(STATUS_ACCESS_DENIED, 0xc0000022)                                                            \
    X(STATUS_BUFFER_TOO_SMALL, 0xc0000023)                                                         \
    X(STATUS_OBJECT_TYPE_MISMATCH, 0xc0000024)                                                     \
    X(STATUS_NONCONTINUABLE_EXCEPTION, 0xc0000025)                                                 \
    X(STATUS_NOT_LOCKED, 0xc000002a)                                                               \
    X(STATUS_NOT_COMMITTED, 0xc000002d)                                                            \
    X(STATUS_INVALID_PARAMETER_MIX, 0xc0000030)                                                    \
    X(STATUS_OBJECT_NAME_INVALID, 0xc0000033)                                                      \
    X(STATUS_OBJECT_NAME_NOT_FOUND, 0xc0000034)                                                    \
    X(STATUS_OBJECT_NAME_COLLISION, 0xc0000035)                                                    \
    X(STATUS_OBJECT_PATH_NOT_FOUND, 0xc000003a)                                                    \
    X(STATUS_OBJECT_PATH_SYNTAX_BAD, 0xc000003b)                                                   \
    X(STATUS_SECTION_TOO_BIG, 0xc0000040)                                                          \
    X(STATUS_SHARING_VIOLATION, 0xc0000043)                                                        \
    X(STATUS_INVALID_PAGE_PROTECTION, 0xc0000045)                                                  \
    X(STATUS_MUTANT_NOT_OWNED, 0xc0000046)                                                         \
    X(STATUS_SEMAPHORE_LIMIT_EXCEEDED, 0xc0000047)                                                 \
    X(STATUS_SUSPEND_COUNT_EXCEEDED, 0xc000004a)                                                   \
    X(STATUS_THREAD_IS_TERMINATING, 0xc000004b)                                                    \
    X(STATUS_SECTION_PROTECTION, 0xc000004e)                                                       \
    X(STATUS_DELETE_PENDING, 0xc0000056)                                                           \
    X(STATUS_INVALID_IMAGE_FORMAT, 0xc000007b)                                                     \
    X(STATUS_DISK_FULL, 0xc000007f)                                                                \
    X(STATUS_SECTION_NOT_EXTENDED, 0xc0000087)                                                     \
    X(STATUS_ARRAY_BOUNDS_EXCEEDED, 0xc000008c)                                                    \
    X(STATUS_FLOAT_DENORMAL_OPERAND, 0xc000008d)                                                   \
    X(STATUS_FLOAT_DIVIDE_BY_ZERO, 0xc000008e)                                                     \
    X(STATUS_FLOAT_INEXACT_RESULT, 0xc000008f)                                                     \
    X(STATUS_FLOAT_INVALID_OPERATION, 0xc0000090)                                                  \
    X(STATUS_FLOAT_OVERFLOW, 0xc0000091)                                                           \
    X(STATUS_FLOAT_STACK_CHECK, 0xc0000092)                                                        \
    X(STATUS_FLOAT_UNDERFLOW, 0xc0000093)                                                          \
    X(STATUS_INTEGER_DIVIDE_BY_ZERO, 0xc0000094)                                                   \
    X(STATUS_INTEGER_OVERFLOW, 0xc0000095)                                                         \
    X(STATUS_PRIVILEGED_INSTRUCTION, 0xc0000096)                                                   \
    X(STATUS_INSUFFICIENT_RESOURCES, 0xc000009a)                                                   \
    X(STATUS_FREE_VM_NOT_AT_BASE, 0xc000009f)                                                      \
    X(STATUS_MEMORY_NOT_ALLOCATED, 0xc00000a0)                                                     \
    X(STATUS_WORKING_SET_QUOTA, 0xc00000a1)                                                        \
    X(STATUS_FILE_IS_A_DIRECTORY, 0xc00000ba)                                                      \
    X(STATUS_NOT_SUPPORTED, 0xc00000bb)                                                            \
    X(STATUS_CANT_TERMINATE_SELF, 0xc00000db)                                                      \
    X(STATUS_INVALID_PARAMETER_1, 0xc00000ef)                                                      \
    X(STATUS_INVALID_PARAMETER_2, 0xc00000f0)                                                      \
    X(STATUS_INVALID_PARAMETER_3, 0xc00000f1)                                                      \
    X(STATUS_INVALID_PARAMETER_4, 0xc00000f2)                                                      \
    X(STATUS_INVALID_PARAMETER_5, 0xc00000f3)                                                      \
    X(STATUS_INVALID_PARAMETER_6, 0xc00000f4)                                                      \
    X(STATUS_INVALID_PARAMETER_7, 0xc00000f5)                                                      \
    X(STATUS_INVALID_PARAMETER_8, 0xc00000f6)                                                      \
    X(STATUS_INVALID_PARAMETER_9, 0xc00000f7)                                                      \
    X(STATUS_STACK_OVERFLOW, 0xc00000fd)                                                           \
    X(STATUS_NOT_A_DIRECTORY, 0xc0000103)                                                          \
    X(STATUS_PROCESS_IS_TERMINATING, 0xc000010a)                                                   \
    X(STATUS_MAPPED_FILE_SIZE_ZERO, 0xc000011e)                                                    \
    X(STATUS_CANNOT_DELETE, 0xc0000121)                                                            \
    X(STATUS_COMMITMENT_LIMIT, 0xc000012d)                                                         \
    X(STATUS_IO_DEVICE_ERROR, 0xc0000185)                                                          \
    X(STATUS_POSSIBLE_DEADLOCK, 0xc0000194)                                                        \
    X(STATUS_NOT_SAME_OBJECT, 0xc00001ac)                                                          \
    X(STATUS_MAPPED_ALIGNMENT, 0xc0000220)                                                         \
    X(STATUS_HANDLE_NOT_CLOSABLE, 0xc0000235)                                                      \
    X(STATUS_USER_MAPPED_FILE, 0xc0000243)                                                         \
    X(STATUS_FLOAT_MULTIPLE_FAULTS, 0xc00002b4)                                                    \
    X(STATUS_FLOAT_MULTIPLE_TRAPS, 0xc00002b5)                                                     \
    X(STATUS_STACK_BUFFER_OVERRUN, 0xc0000409)                                                     \
    X(STATUS_ASSERTION_FAILURE, 0xc0000420)

#ifndef __ASSEMBLER__
#include <stdint.h>

typedef int32_t NTSTATUS; /* negative: warning or error */

#define X(name, value) static const NTSTATUS name __attribute__((unused)) = (NTSTATUS)(value);
RS_NTSTATUSES(X)
#undef X

#define NT_SUCCESS(status) ((NTSTATUS)(status) >= 0)
#endif

#endif
