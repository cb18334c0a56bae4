/* SPDX-License-Identifier: MIT
 * ringscope inspect: stops a guest and prints its tables as a debugger would. */
#include "inspect.h"

#include "commands.h"
#include "decode/decode.h"

#include <errno.h>
#include <string.h>

enum {
    KEY_AT = 0x200,
    KEY_JSON,
    KEY_CR3
};

struct inspect_options {
    struct rs_options common; /* the first member: the child parser's input */
    struct rs_launch launch;
    struct rs_visitor visitor;
    struct rs_point point;
    struct rs_inspect_request request;
    struct rs_inspection inspection;
    struct rs_symbols *symbols;
};

static const struct argp_option options_table[] = {
    {"at", KEY_AT, "POINT", 0,
     "Where to stop: boot (the first transition from ring 3, the default), end, syscall:NAME, "
     "exception:VECTOR, interrupt:VECTOR, msr:NAME, or a function of the kernel",
     0},
    {"cr3", KEY_CR3, "VALUE", 0, "pt: walk from this root instead of the current one", 0},
    {"all", 'a', NULL, 0, "Also vectors and services without a name", 0},
    {"json", KEY_JSON, NULL, 0, "Print JSON; docs/inspect.md tells the members", 0},
    {0},
};

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static bool take_topic(struct inspect_options *options, const char *word)
{
    for (unsigned topic = 0; topic < RS_INSPECT_TOPIC_COUNT; topic++) {
        if (strcmp(word, rs_inspect_topics[topic].name) == 0) {
            options->request.topics[topic] = true;
            options->request.any = true;
            return true;
        }
    }
    return false;
}

/* Behind pt: 0x..., or with a ` in it. */
static error_t take_word(struct inspect_options *options, const char *word)
{
    struct rs_inspection *inspection = &options->inspection;
    uint64_t address;

    if (take_topic(options, word))
        return 0;
    if (!options->request.topics[RS_INSPECT_pt] ||
        (strncmp(word, "0x", 2) != 0 && !strchr(word, '`')))
        return ARGP_ERR_UNKNOWN; /* PROGRAM */
    if (rs_decode_number(word, 64, &address) != 0)
        return rs_options_bad(&options->common, "pt", word, "an address, in hexadecimal");
    if (inspection->address_count == RS_INSPECT_ADDRESSES_MAX)
        return rs_options_bad(&options->common, "pt", word, "one address too many (16)");
    inspection->addresses[inspection->address_count++] = address;
    return 0;
}

static error_t parse_point(struct inspect_options *options, const char *text)
{
    if (rs_point_parse(&options->point, text, options->common.error) != 0)
        return EINVAL;
    options->launch.filter = rs_point_filter(&options->point);
    return 0;
}

static error_t parse_root(struct inspect_options *options, const char *text)
{
    options->inspection.has_root = true;
    if (rs_decode_number(text, 64, &options->inspection.root) == 0)
        return 0;
    return rs_options_bad(&options->common, "--cr3", text, "a value of CR3, in hexadecimal");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct inspect_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case KEY_AT:
        return parse_point(options, argument);
    case KEY_CR3:
        return parse_root(options, argument);
    case KEY_JSON:
        options->request.json = true;
        return 0;
    case 'a':
        options->inspection.all = true;
        return 0;
    case ARGP_KEY_ARG:
        return take_word(options, argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static struct inspect_options *options_of(struct rs_visitor *visitor)
{
    return (struct inspect_options *)(void *)((char *)visitor -
                                              offsetof(struct inspect_options, visitor));
}

static int prepare(struct rs_visitor *visitor, struct rs_session *session,
                   const struct rs_images *images)
{
    struct inspect_options *options = options_of(visitor);
    struct rs_error error;

    session->console_on_stderr = true;
    options->symbols = rs_images_symbols(images);
    if (rs_point_prepare(&options->point, &session->machine, images, options->symbols, &error) == 0)
        return 0;
    rs_symbols_free(options->symbols);
    return fail(&error);
}

static int not_reached(const struct inspect_options *options, const struct rs_session *session)
{
    if (session->machine.stop.kind != RS_STOP_PROGRAM)
        return rs_session_exit_code(session);
    fprintf(stderr, "ringscope: the program ended before --at '%s' came\n", options->point.text);
    return RS_EXIT_NOT_REACHED;
}

/* A program that ended by itself ended well: what it returned is no result of inspect. */
static int finish(struct rs_visitor *visitor, struct rs_session *session,
                  const struct rs_images *images)
{
    struct inspect_options *options = options_of(visitor);
    const struct rs_stop *stop = &session->machine.stop;
    int exit_code;

    (void)images;
    rs_breakpoint_remove(&options->point.breakpoint);
    if (rs_point_reached(&options->point, stop)) {
        rs_inspect_begin(&options->inspection, &session->machine, options->symbols);
        exit_code = rs_inspect_print(&options->inspection, &options->request, &options->point);
        if (exit_code == 0 && stop->kind != RS_STOP_REACHED && stop->kind != RS_STOP_PROGRAM)
            exit_code = rs_session_exit_code(session);
    } else {
        exit_code = not_reached(options, session);
    }
    rs_symbols_free(options->symbols);
    return exit_code;
}

static char *help_filter(int key, const char *text, void *input)
{
    char *result = NULL;
    size_t size;
    FILE *out;

    if (key != ARGP_KEY_HELP_PRE_DOC)
        return rs_options_help_filter(key, text, input);
    out = open_memstream(&result, &size);
    if (!out)
        return NULL;
    fprintf(out, "%s\n\n", text);
    for (unsigned i = 0; i < RS_INSPECT_TOPIC_COUNT; i++)
        fprintf(out, "  %-6s  %s\n", rs_inspect_topics[i].name, rs_inspect_topics[i].summary);
    fclose(out);
    return result;
}

int rs_command_inspect(int argc, char **argv)
{
    static const struct argp_child children[] = {{&rs_options_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "[TOPIC... [ADDRESS...]] [PROGRAM [ARG...]]",
        .doc = "Boots the guest, starts PROGRAM (demo), stops it at POINT, and prints what a "
               "debugger would show there. TOPIC is any of these, all of them when none is "
               "named:\v"
               "What is printed is the guest's own: where ringscope had a hook until the guest "
               "stopped, the line says so. The guest's console is on stderr. Examples:\n"
               "  inspect idt                        the IDT after boot\n"
               "  inspect ssdt msr                   service table and MSRs\n"
               "  inspect pt 0x7ffe0000 --at end     walk to KUSER_SHARED_DATA\n"
               "  inspect stacks --at exception:PF   stacks at the first page fault\n"
               "  inspect cpu --at KiPageFault hello a function of the kernel, program hello",
        .children = children,
        .help_filter = help_filter,
    };
    static struct inspect_options options;
    struct rs_error error;

    rs_options_init(&options.common, &error);
    (void)parse_point(&options, "boot");
    options.visitor = (struct rs_visitor){prepare, finish};
    options.launch.visitor = &options.visitor;
    return rs_launch_command(argc, argv, &argp, &options.common, &options.launch, &options);
}
