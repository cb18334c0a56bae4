/* SPDX-License-Identifier: MIT
 * Whatever the machine keeps in the upper half of the address space, ring 3 cannot run it: a jump
 * to any of its 512 GiB slots is a page fault of execution at that very address. A tracer's own
 * addresses are among them; they are not there for ring 3 either. */

#include "caught.h"

#include <tap.h>

#define FIRST_SLOT 256
#define LAST_SLOT 511
#define PAGES 3
#define SLOT_SHIFT 39
#define EXECUTE 8 /* ExceptionInformation[0] of an access violation */

static void resume(void)
{
}

static uint64_t slot_address(unsigned slot, unsigned page)
{
    return 0xffff000000000000 | (uint64_t)slot << SLOT_SHIFT | (uint64_t)page << 12;
}

static int faults_there(uint64_t address)
{
    provoke((void (*)(void))address, (const void *)resume);
    return caught.count == 1 && caught.record.ExceptionCode == STATUS_ACCESS_VIOLATION &&
           caught.record.ExceptionInformation[0] == EXECUTE &&
           caught.record.ExceptionInformation[1] == address && caught.context.Rip == address;
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (!tap_ok(RtlAddVectoredExceptionHandler(true, catch_exception), "add a handler"))
        return tap_done();
    for (unsigned page = 0; page < PAGES; page++) {
        unsigned slot = FIRST_SLOT;

        while (slot <= LAST_SLOT && faults_there(slot_address(slot, page)))
            slot++;
        if (slot <= LAST_SLOT)
            printf("# slot %u: code %08x, information %llx %llx\n", slot,
                   caught.record.ExceptionCode,
                   (unsigned long long)caught.record.ExceptionInformation[0],
                   (unsigned long long)caught.record.ExceptionInformation[1]);
        tap_ok(slot > LAST_SLOT, "page %u of every slot of the upper half faults", page);
    }
    return tap_done();
}
