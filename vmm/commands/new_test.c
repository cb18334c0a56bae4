/* SPDX-License-Identifier: MIT
 * ringscope new-test: the source of a guest test. */
#include "commands.h"
#include "error.h"
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_BARE = 0x100,
    KEY_MODULE
};
#define NAME_MAX_LENGTH 100
#define PLACEHOLDER "NAME"

extern const char rs_template_test3[], rs_template_test3_end[];
extern const char rs_template_test0[], rs_template_test0_end[];
extern const char rs_template_testk[], rs_template_testk_end[];

static const struct template
{
    const char *package; /* of pkg-config, behind "ringscope-" */
    const char *text, *end;
}
templates[] = {
    {"test3", rs_template_test3, rs_template_test3_end},
    {"test0", rs_template_test0, rs_template_test0_end},
    {"testk", rs_template_testk, rs_template_testk_end},
};

struct new_test {
    const char *name;
    const struct template *template;
    struct rs_error error;
};

static const struct argp_option options_table[] = {
    {"bare", KEY_BARE, NULL, 0,
     "A kernel of its own, at CPL 0 from its first instruction, instead of a program of ring 3", 0},
    {"module", KEY_MODULE, NULL, 0,
     "Part of the bundled kernel, linked with it: at CPL 0, with all of its functions at hand", 0},
    {0},
};

static error_t check_name(struct new_test *new, const char *name)
{
    if (new->name)
        rs_error_set(&new->error, RS_EXIT_USAGE, "new-test: one NAME: '%s' is a second", name);
    else if (!*name || strlen(name) > NAME_MAX_LENGTH ||
             name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
        rs_error_set(&new->error, RS_EXIT_USAGE,
                     "new-test '%.100s': a name has letters, digits and '_', at most %d", name,
                     NAME_MAX_LENGTH);
    else
        new->name = name;
    return new->error.message[0] ? EINVAL : 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct new_test *new = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_BARE:
    case KEY_MODULE:
        new->template = &templates[key == KEY_BARE ? 1 : 2];
        return 0;
    case ARGP_KEY_ARG:
        return check_name(new, argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The text with the name put in. */
static void put_template(FILE *file, const struct new_test *new)
{
    const char *text = new->template->text, *end = new->template->end;
    size_t length = strlen(PLACEHOLDER);

    while (text < end) {
        if ((size_t)(end - text) >= length && memcmp(text, PLACEHOLDER, length) == 0) {
            fputs(new->name, file);
            text += length;
        } else {
            fputc(*text++, file);
        }
    }
}

/* Nothing is written over. */
static int write_source(struct new_test *new, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool failed;

    if (!file)
        return rs_error_errno(&new->error, RS_EXIT_OUTPUT, errno, "'%s'", path);
    put_template(file, new);
    failed = ferror(file);
    if (fclose(file) == 0 && !failed)
        return 0;
    (void)unlink(path);
    return rs_error_set(&new->error, RS_EXIT_OUTPUT, "'%s' cannot be written", path);
}

int rs_command_new_test(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options_table,
        .parser = parse,
        .args_doc = "NAME",
        .doc = "Writes NAME.c, a guest test to start from.\vIt needs what `meson install` has put "
               "on this machine, found by pkg-config. docs/testing.md tells what a test can say.",
        .help_filter = rs_options_exit_codes_filter,
    };
    struct new_test new = {.template = templates};
    char path[NAME_MAX_LENGTH + 8];

    if (argp_parse(&argp, argc, argv, 0, NULL, &new) == 0 && !new.name)
        rs_error_set(&new.error, RS_EXIT_USAGE, "new-test: which NAME?");
    if (new.name)
        snprintf(path, sizeof(path), "%s.c", new.name);
    if (new.error.message[0] || !new.name || write_source(&new, path) != 0) {
        fprintf(stderr, "ringscope: %s\n", new.error.message);
        return new.error.exit_code ? new.error.exit_code : RS_EXIT_USAGE;
    }
    printf("%s is written. Build it, and run it:\n\n"
           "  cc -o %s %s $(pkg-config --cflags --libs ringscope-%s)\n"
           "  ringscope test ./%s\n",
           path, new.name, path, new.template->package, new.name);
    return RS_EXIT_SUCCESS;
}
