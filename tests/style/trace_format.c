/* SPDX-License-Identifier: MIT
 * Prints the table of events and fields for docs/trace-format.md from the lists that make the
 * trace. */
#include <ringscope/event.h>
#include <stdio.h>

#define V(type, name, base) "`" #name "` " #type ", "
#define D(type, name, base) V(type, name, base)
#define A(type, name, base) "`" #name "_length` u8, `" #name "` " #type " each, "

int main(void)
{
    static const struct {
        const char *name, *fields;
    } events[] = {
#define X(kind, group, direction, text) {text, "" RS_FIELDS_##kind(V, D, A)},
        RS_EVENT_KINDS(X)
#undef X
    };

    printf("| event | fields |\n|---|---|\n");
    printf("| each | %s|\n", RS_FIELDS_COMMON(V, D));
    for (unsigned i = 0; i < RS_EVENT_KIND_COUNT; i++)
        printf("| %s | %s|\n", events[i].name, events[i].fields);
    return 0;
}
