/* SPDX-License-Identifier: MIT
 * ringscope decode: what the bits of a value mean, without any guest. */
#include "decode.h"

#include "commands.h"
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_JSON = 0x100,
    KEY_VECTOR,
    KEY_LEVEL,
    KEY_BASE
};

#define VALUES_MAX 104            /* every byte of a TSS apart */
#define DUMP_MAX (VALUES_MAX * 8) /* bytes of text with as many values */

struct decode_options {
    const struct rs_decode_kind *kind;
    char *values[VALUES_MAX + 1];
    size_t count;
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
    if (options->count < VALUES_MAX) {
        options->values[options->count++] = argument;
        return 0;
    }
    rs_error_set(&options->error, RS_EXIT_USAGE, "%s: more than %d values", options->kind->name,
                 VALUES_MAX);
    return EINVAL;
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

static bool is_text(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isprint((unsigned char)bytes[i]) && !isspace((unsigned char)bytes[i]))
            return false;
    return true;
}

/* A dump is the raw bytes, or text with values as on the command line. */
static int use_dump(struct decode_options *options, const char *name, char *bytes, size_t size)
{
    const struct rs_decode_kind *kind = options->kind;
    char *rest = bytes, *value;

    options->count = 0;
    if (!is_text(bytes, size)) {
        options->input.count = (unsigned)(size / sizeof(uint64_t));
        if (size % sizeof(uint64_t) != 0 || options->input.count < kind->minimum ||
            options->input.count > kind->maximum)
            return rs_error_set(&options->error, RS_EXIT_IMAGE,
                                "%s: %zu bytes; %s has %zu, raw or as hexadecimal text", name, size,
                                kind->name, kind->maximum * sizeof(uint64_t));
        memcpy(options->input.words, bytes, size);
        return 1;
    }
    while ((value = strsep(&rest, " \t\r\n")) != NULL)
        if (*value && parse_argument(options, value) != 0)
            return -1;
    return 0;
}

static size_t read_stdin(char *bytes, size_t size)
{
    size_t used = 0;
    ssize_t count = 1;

    while (used < size && count > 0) {
        count = read(STDIN_FILENO, bytes + used, size - used);
        used += count > 0 ? (size_t)count : 0;
    }
    return used;
}

/* "-" and paths. Returns 1: the input is filled; 0: there are values to parse; -1: error. */
static int read_dump(struct decode_options *options, char *dump)
{
    const char *name = options->count == 1 ? options->values[0] : "";
    void *bytes = NULL;
    size_t size;

    if (strcmp(name, "-") == 0) {
        name = "stdin";
        size = read_stdin(dump, DUMP_MAX + 1);
    } else if (strchr(name, '/')) {
        if (rs_read_file(name, "dump", &bytes, &size, &options->error) != 0)
            return -1;
        memcpy(dump, bytes, size < DUMP_MAX + 1 ? size : DUMP_MAX + 1);
        free(bytes);
    } else {
        return 0;
    }
    if (size > DUMP_MAX)
        return rs_error_set(&options->error, RS_EXIT_IMAGE, "%s: more than %d bytes: no dump of %s",
                            name, DUMP_MAX, options->kind->name);
    dump[size] = '\0';
    return use_dump(options, name, dump, size);
}

static int fill_input(struct decode_options *options, char *dump)
{
    char message[sizeof(options->error.message)];
    int filled = read_dump(options, dump);

    if (filled != 0)
        return filled > 0 ? 0 : -1;
    if (rs_decode_parse(options->kind, options->values, options->count, &options->input, message,
                        sizeof(message)) == 0)
        return 0;
    return rs_error_set(&options->error, RS_EXIT_USAGE, "%s", message);
}

static int decode(struct decode_options *options)
{
    struct rs_decoded decoded = {.count = 0};
    char dump[DUMP_MAX + 2];
    int result = 0;

    if (check_options(options) != 0 || fill_input(options, dump) != 0)
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
