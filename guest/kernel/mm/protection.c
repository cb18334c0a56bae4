/* SPDX-License-Identifier: MIT
 * PAGE_* flags of the services, 5-bit protection codes, and what they allow. */

#include "mm.h"

#include <nt/memory.h>

/*
 * X(code, flag, rights of the processor). Reading cannot be withheld from a page that can be
 * executed. Copy-on-write is for what is shared: images and views.
 */
#define PROTECTIONS(X)                                                                             \
    X(MM_READONLY, PAGE_READONLY, PTE_NX)                                                          \
    X(MM_EXECUTE, PAGE_EXECUTE, 0)                                                                 \
    X(MM_EXECUTE_READ, PAGE_EXECUTE_READ, 0)                                                       \
    X(MM_READWRITE, PAGE_READWRITE, PTE_W | PTE_NX)                                                \
    X(MM_WRITECOPY, PAGE_WRITECOPY, MM_PTE_COPY_ON_WRITE | PTE_NX)                                 \
    X(MM_EXECUTE_READWRITE, PAGE_EXECUTE_READWRITE, PTE_W)                                         \
    X(MM_EXECUTE_WRITECOPY, PAGE_EXECUTE_WRITECOPY, MM_PTE_COPY_ON_WRITE)

/* Without MM_GUARD. */
#define CODES 8

static const uint64_t pte_rights[CODES] = {
#define X(code, flag, rights) [code] = PTE_P | PTE_U | PTE_A | (rights),
    PROTECTIONS(X)
#undef X
};

static const uint32_t flags[CODES] = {
#define X(code, flag, rights) [code] = flag,
    PROTECTIONS(X)
#undef X
};

unsigned MiProtectionCode(uint32_t protect)
{
    unsigned guard = protect & PAGE_GUARD ? MM_GUARD : 0;

    protect &= ~PAGE_GUARD;
    if (protect == PAGE_NOACCESS)
        return guard ? 0 : MM_NOACCESS;
    for (unsigned code = 1; code < CODES; code++)
        if (protect && flags[code] == protect)
            return code | guard;
    return 0;
}

uint32_t MiProtectionFlags(unsigned code)
{
    if (code == MM_NOACCESS)
        return PAGE_NOACCESS;
    return flags[code % CODES] | (code & MM_GUARD ? PAGE_GUARD : 0);
}

/* Bits of a valid page-table entry; 0 for a code that allows nothing. */
uint64_t MiPteRights(unsigned code)
{
    return pte_rights[code % CODES];
}

bool MiAllows(unsigned code, uint64_t error_code)
{
    uint64_t rights = MiPteRights(code);

    if (error_code & PF_ERROR_I)
        return rights && !(rights & PTE_NX);
    return error_code & PF_ERROR_W ? rights & (PTE_W | MM_PTE_COPY_ON_WRITE) : rights;
}
