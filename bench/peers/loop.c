/* SPDX-License-Identifier: MIT
 * bench-loop N: getppid() by SYSCALL N times: what strace and perf trace are given. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;

    while (count--)
        syscall(SYS_getppid);
    return 0;
}
