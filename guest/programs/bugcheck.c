/* SPDX-License-Identifier: MIT
 * bugcheck KIND: makes the kernel fault in ring 0. */

#include <ntdll.h>

static const struct {
    const char *name;
    uint32_t kind;
} kinds[] = {
    {"pf", KERNEL_FAULT_READ},           {"write", KERNEL_FAULT_WRITE_CODE},
    {"ud", KERNEL_FAULT_INVALID_OPCODE}, {"de", KERNEL_FAULT_DIVIDE},
    {"gp", KERNEL_FAULT_NON_CANONICAL},  {"df", KERNEL_FAULT_STACK_OVERFLOW},
    {"nmi", KERNEL_FAULT_NMI},           {"mc", KERNEL_FAULT_MACHINE_CHECK},
    {"triple", KERNEL_FAULT_SHUTDOWN},   {"root", KERNEL_FAULT_USER_ROOT},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int main(int argc, char **argv)
{
    for (unsigned i = 0; argc == 2 && i < KINDS; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            return NtSystemDebugControl(SysDbgKernelFault, &kinds[i].kind, sizeof(kinds[i].kind),
                                        NULL, 0, NULL);
    eprintf("usage: bugcheck KIND, KIND one of");
    for (unsigned i = 0; i < KINDS; i++)
        eprintf(" %s", kinds[i].name);
    eprintf("\n");
    return 2;
}
