/* SPDX-License-Identifier: MIT
 * syscall-loop [N]: the shortest system service N times, 1000 without a number. */

#include <ntdll.h>

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;

    while (count--)
        NtYieldExecution();
    return 0;
}
