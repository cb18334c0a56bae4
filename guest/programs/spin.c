/* SPDX-License-Identifier: MIT
 * spin: never ends and never leaves ring 3. */

#include <ntdll.h>

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (;;)
        __asm__ volatile("pause");
}
