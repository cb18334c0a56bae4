/* SPDX-License-Identifier: MIT
 * What stands below the options in --help. */
#include "options.h"

#include "bundle/bundle.h"

#include <stdio.h>

static void print_programs(FILE *out)
{
    const struct rs_blob *program;

    fprintf(out, "Bundled programs:");
    for (size_t i = 0; (program = rs_bundle_program_at(i)); i++)
        fprintf(out, " %s", program->name);
    fprintf(out, "\n");
}

static void print_exit_codes(FILE *out)
{
    static const struct {
        int code;
        const char *meaning;
    } codes[] = {
#define X(name, code, meaning) {code, meaning},
        RS_EXIT_CODES(X)
#undef X
    };

    fprintf(out, "\nExit codes:\n");
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        fprintf(out, "  %3d  %s\n", codes[i].code, codes[i].meaning);
}

static char *with_exit_codes(int key, const char *text, bool programs)
{
    char *result = NULL;
    size_t size;
    FILE *out;

    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    out = open_memstream(&result, &size);
    if (!out)
        return NULL;
    fprintf(out, "%s\n", text ? text : "");
    if (programs)
        print_programs(out);
    print_exit_codes(out);
    if (programs)
        fprintf(out, "Any other code is the program's own exit status.\n");
    fclose(out);
    return result;
}

char *rs_options_help_filter(int key, const char *text, void *input)
{
    (void)input;
    return with_exit_codes(key, text, true);
}

char *rs_options_exit_codes_filter(int key, const char *text, void *input)
{
    (void)input;
    return with_exit_codes(key, text, false);
}
