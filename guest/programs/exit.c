/* SPDX-License-Identifier: MIT
 * exit [STATUS]: ends with this status, decimal or 0x..., 0 without one. */

#include <ntdll.h>

int main(int argc, char **argv)
{
    return argc > 1 ? (int)strtoul(argv[1], NULL, 0) : 0;
}
