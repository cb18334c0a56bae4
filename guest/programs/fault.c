/* SPDX-License-Identifier: MIT
 * fault [declined] KIND: an exception that ends the program with its status. With `declined` a
 * handler sees it first and passes it on. */

#include "snippets.h"

#include <ntdll.h>

struct kind {
    const char *name;
    void (*snippet)(void);
};

static void jump_to_non_canonical(void)
{
    __asm__ volatile("jmpq *%0" : : "r"(SNIPPET_NON_CANONICAL));
}

static const struct kind kinds[] = {
#define X(name, status, title) {#name, snippet_##name},
    SNIPPETS(X)
#undef X
        {"jump", jump_to_non_canonical},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static long decline(struct exception_pointers *exception)
{
    printf("declined 0x%08x\n", (unsigned)exception->ExceptionRecord->ExceptionCode);
    return EXCEPTION_CONTINUE_SEARCH;
}

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[argc - 1] : "";

    if (argc == 3 && strcmp(argv[1], "declined") == 0)
        RtlAddVectoredExceptionHandler(true, decline);
    for (unsigned i = 0; i < KINDS; i++) {
        if (strcmp(wanted, kinds[i].name) != 0)
            continue;
        kinds[i].snippet();
        puts("no exception was raised");
        return 1;
    }
    eprintf("usage: fault [declined] KIND, KIND one of");
    for (unsigned i = 0; i < KINDS; i++)
        eprintf(" %s", kinds[i].name);
    eprintf("\n");
    return 2;
}
