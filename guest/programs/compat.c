/* SPDX-License-Identifier: MIT
 * Test of SYSCALL in compatibility mode: no 32-bit service path exists, so the program gets an
 * illegal-instruction exception. Intel raises #UD at the instruction; AMD goes to CSTAR, and the
 * kernel refuses. A program of its own, since not every host gets the way to CSTAR right. */

#include "caught.h"
#include "raw.h"

#include <tap.h>

int main(int argc, char **argv)
{
    static const uint8_t syscall[] = {0x0f, 0x05};
    void *base = NULL; /* the kernel chooses low addresses */
    uint64_t size = 0x1000;

    (void)argc;
    (void)argv;
    RtlAddVectoredExceptionHandler(true, catch_exception);
    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                            PAGE_EXECUTE_READWRITE);
    memcpy(base, syscall, sizeof(syscall));
    caught.resume = enter_compatibility_mode_resume;
    enter_compatibility_mode(base);
    tap_equal(caught.count, 1, "SYSCALL in compatibility mode is raised once");
    tap_status(caught.record.ExceptionCode, STATUS_ILLEGAL_INSTRUCTION, "status");
    tap_equal(caught.context.SegCs, 0x23, "CS of the context");
    return tap_done();
}
