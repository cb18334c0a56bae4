/* SPDX-License-Identifier: MIT
 * ringscope decode: what the bits of a value mean, without any guest. */
#include "decode.h"

#include "commands.h"
#include "options.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_JSON = 0x100,
    KEY_VECTOR,
    KEY_LEVEL,
    KEY_BASE
};

struct decode_options {
    const struct rs_decode_kind *kind;
    struct rs_decode_values values;
    struct rs_decode_input input;
    bool json, has_level;
    struct rs_error error;
};

static const struct argp_option options_table[] = {
    {"vector", KEY_VECTOR, "VECTOR", 0, "error-code: the exception that pushed it (GP)", 0},
    {"level", KEY_LEVEL, "pte|pde|pdpte|pml4e", 0, "pte: of which table the entry is (pte)", 0},
    {"base", KEY_BASE, "ADDRESS", 0,
     "service: the value is an entry of the packed table at ADDRESS", 0},
    {"json", KEY_JSON, NULL, 0, "Print JSON; docs/decode.md tells the members", 0},
    {0},
};

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static error_t parse_level(struct decode_options *options, const char *value)
{
    for (unsigned level = 0; level < RS_PTE_LEVEL_COUNT; level++) {
        if (strcmp(value, rs_pte_level_names[level]) == 0) {
            options->input.level = (enum rs_pte_level)level;
            options->has_level = true;
            return 0;
        }
    }
    rs_error_set(&options->error, RS_EXIT_USAGE, "--level '%s': one of pte pde pdpte pml4e", value);
    return EINVAL;
}

static error_t parse_vector(struct decode_options *options, const char *value)
{
    char message[200];

    options->input.has_vector = true;
    if (rs_decode_vector_name(value, &options->input.vector, message, sizeof(message)) == 0)
        return 0;
    rs_error_set(&options->error, RS_EXIT_USAGE, "--vector: %s", message);
    return EINVAL;
}

static error_t parse_base(struct decode_options *options, const char *value)
{
    options->input.has_base = true;
    if (rs_decode_number(value, 64, &options->input.base) == 0)
        return 0;
    rs_error_set(&options->error, RS_EXIT_USAGE, "--base '%s': an address, in hexadecimal", value);
    return EINVAL;
}

static error_t parse_argument(struct decode_options *options, char *argument)
{
    if (!options->kind) {
        options->kind = rs_decode_find(argument);
        if (options->kind)
            return 0;
        rs_error_set(&options->error, RS_EXIT_USAGE,
                     "cannot decode '%s': ringscope decode --help lists what there is", argument);
        return EINVAL;
    }
    return rs_decode_values_add(&options->values, argument, &options->error) == 0 ? 0 : EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct decode_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_LEVEL:
        return parse_level(options, argument);
    case KEY_VECTOR:
        return parse_vector(options, argument);
    case KEY_BASE:
        return parse_base(options, argument);
    case ARGP_KEY_ARG:
        return parse_argument(options, argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* An option that another kind takes. */
static int check_options(struct decode_options *options)
{
    const struct {
        bool given;
        enum rs_decode_id id;
        const char *name;
    } checks[] = {
        {options->input.has_vector, RS_DECODE_error, "--vector"},
        {options->has_level, RS_DECODE_pte, "--level"},
        {options->input.has_base, RS_DECODE_service, "--base"},
    };

    if (!options->kind)
        return rs_error_set(&options->error, RS_EXIT_USAGE,
                            "decode what? ringscope decode --help lists what there is");
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        if (checks[i].given && options->kind != &rs_decode_kinds[checks[i].id])
            return rs_error_set(&options->error, RS_EXIT_USAGE, "%s is for %s, not for %s",
                                checks[i].name, rs_decode_kinds[checks[i].id].name,
                                options->kind->name);
    return 0;
}

static int decode(struct decode_options *options)
{
    struct rs_decoded decoded = {.count = 0};
    int result = 0;

    if (check_options(options) != 0 ||
        rs_decode_values_fill(&options->values, options->kind, &options->input, &options->error))
        return fail(&options->error);
    options->kind->decode(&options->input, &decoded);
    if (options->json)
        result = rs_decode_json(options->kind, &options->input, &decoded, stdout);
    else
        rs_decode_text(options->kind, &options->input, &decoded, isatty(STDOUT_FILENO), stdout);
    if (fflush(stdout) == 0 && result == 0 && !ferror(stdout))
        return RS_EXIT_SUCCESS;
    fprintf(stderr, "ringscope: output 'stdout': %s\n", strerror(errno));
    return RS_EXIT_OUTPUT;
}

static char *help_filter(int key, const char *text, void *input)
{
    char *result = NULL;
    size_t size;
    FILE *out;

    (void)input;
    if (key != ARGP_KEY_HELP_PRE_DOC)
        return (char *)(uintptr_t)text;
    out = open_memstream(&result, &size);
    if (!out)
        return NULL;
    fprintf(out, "%s\n\n", text);
    for (unsigned i = 0; i < RS_DECODE_KIND_COUNT; i++)
        fprintf(out, "  %-10s  %s\n", rs_decode_kinds[i].name, rs_decode_kinds[i].summary);
    fclose(out);
    return result;
}

int rs_command_decode(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "KIND VALUE...",
        .doc =
            "Tells what the bits of VALUE mean, without any guest, and which of them are wrong. "
            "KIND "
            "is one of\v"
            "Values are hexadecimal, as debuggers print them: quadwords with or without 0x, ` "
            "between their halves, or all bytes as they lie in memory, in one string or apart. '-' "
            "reads them, or the raw bytes, from stdin, ./FILE from a file. A vector, MSR or "
            "service "
            "may be a name. Examples:\n"
            "  decode gate 6b628e000010a100 00000000fffff801\n"
            "  decode segment '0020fb00`00000000'\n"
            "  decode error-code 6 --vector PF\n"
            "  decode service 0x1026\n"
            "  decode service 01234562 --base 'fffff800`00400000'\n"
            "  decode pte 8000000000267863 --level pde\n\n"
            "Exit codes: 0 decoded, whatever was wrong with it; 123 stdout cannot be written; 125 "
            "a "
            "wrong option or value; 126, 127 a dump that cannot be used or does not exist.",
        .help_filter = help_filter,
    };
    struct decode_options options = {.input = {.count = 0}};

    if (argp_parse(&argp, argc, argv, 0, NULL, &options) != 0)
        return fail(&options.error);
    return decode(&options);
}
