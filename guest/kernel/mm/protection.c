/* SPDX-License-Identifier: MIT
 * PAGE_* flags of the services and the 5-bit protection codes of page-table entries. */

#include "mm.h"

#include <nt/memory.h>

/* X(flag, code). Copy-on-write needs sections, which private memory has not. */
#define PROTECTIONS(X)                                                                             \
    X(PAGE_NOACCESS, MM_NOACCESS)                                                                  \
    X(PAGE_READONLY, MM_READONLY)                                                                  \
    X(PAGE_READWRITE, MM_READWRITE)                                                                \
    X(PAGE_EXECUTE, MM_EXECUTE)                                                                    \
    X(PAGE_EXECUTE_READ, MM_EXECUTE_READ)                                                          \
    X(PAGE_EXECUTE_READWRITE, MM_EXECUTE_READWRITE)

unsigned MiProtectionCode(uint32_t protect)
{
    unsigned guard = protect & PAGE_GUARD ? MM_GUARD : 0;

    switch (protect & ~PAGE_GUARD) {
#define X(flag, code)                                                                              \
    case flag:                                                                                     \
        return (code) == MM_NOACCESS && guard ? 0 : (code) | guard;
        PROTECTIONS(X)
#undef X
    default:
        return 0;
    }
}

uint32_t MiProtectionFlags(unsigned code)
{
    if (code == MM_NOACCESS)
        return PAGE_NOACCESS;
    switch (code & ~MM_GUARD) {
#define X(flag, number)                                                                            \
    case number:                                                                                   \
        return (flag) | (code & MM_GUARD ? PAGE_GUARD : 0);
        PROTECTIONS(X)
#undef X
    default:
        return 0;
    }
}
