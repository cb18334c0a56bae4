/* SPDX-License-Identifier: MIT
 * Basic NT types and the calling convention of system services. */
#ifndef NT_TYPES_H
#define NT_TYPES_H

#include <ringscope/nt/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Services and their stubs follow the Microsoft x64 calling convention. */
#define NTAPI __attribute__((ms_abi))

typedef void *HANDLE;

#define NtCurrentProcess() ((HANDLE)(intptr_t)-1)
#define NtCurrentThread() ((HANDLE)(intptr_t)-2)

struct client_id {
    uint64_t UniqueProcess;
    uint64_t UniqueThread;
};

struct io_status_block {
    union {
        NTSTATUS Status;
        void *Pointer;
    };
    uint64_t Information;
};

/* UTF-16 in NT; Length and MaximumLength are bytes. */
struct unicode_string {
    uint16_t Length;
    uint16_t MaximumLength;
    uint32_t Reserved;
    uint16_t *Buffer;
};

/* The same shape with 8-bit characters. */
struct string {
    uint16_t Length;
    uint16_t MaximumLength;
    uint32_t Reserved;
    char *Buffer;
};

struct object_attributes {
    uint32_t Length;
    HANDLE RootDirectory;
    struct unicode_string *ObjectName;
    uint32_t Attributes;
    void *SecurityDescriptor;
    void *SecurityQualityOfService;
};

_Static_assert(sizeof(struct io_status_block) == 0x10, "IO_STATUS_BLOCK");
_Static_assert(sizeof(struct unicode_string) == 0x10, "UNICODE_STRING");
_Static_assert(sizeof(struct object_attributes) == 0x30, "OBJECT_ATTRIBUTES");

#endif
