/* SPDX-License-Identifier: MIT
 * args [ARG...]: prints its arguments, one on a line. */

#include <ntdll.h>

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("argv[%d] = %s\n", i, argv[i]);
    return 0;
}
