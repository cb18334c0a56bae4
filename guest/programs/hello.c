/* SPDX-License-Identifier: MIT
 * Says hello. */

#include <ntdll.h>

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("Hello from ring 3");
    return 0;
}
