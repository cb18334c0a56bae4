/* SPDX-License-Identifier: MIT
 * ringscope: finding the command. */
#include "commands/commands.h"
#include "error.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
#define X(name, summary) {#name, summary, rs_command_##name},
    RS_COMMANDS(X)
#undef X
};

#define NAME_SIZE 16
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* C has no '-' in its names. */
static void spell(const char *name, char *text, size_t size)
{
    size_t i;

    for (i = 0; i < size - 1 && name[i]; i++)
        text[i] = name[i] == '_' ? '-' : name[i];
    text[i] = '\0';
}

static int help(FILE *file, int exit_code)
{
    char name[NAME_SIZE];

    fprintf(file, "Usage: ringscope COMMAND [OPTION...] [ARGUMENT...]\n\n"
                  "Boots a guest kernel of the NT design on KVM and shows every privilege "
                  "transition.\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        spell(commands[i].name, name, sizeof(name));
        fprintf(file, "  %-8s %s\n", name, commands[i].summary);
    }
    fprintf(file, "\nStart with:  ringscope trace demo\n"
                  "'ringscope COMMAND --help' tells the options and the exit codes.\n");
    return exit_code;
}

int main(int argc, char **argv)
{
    char name[32], spelled[NAME_SIZE];

    argp_err_exit_status = RS_EXIT_USAGE;
    if (argc < 2)
        return help(stderr, RS_EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help(stdout, RS_EXIT_SUCCESS);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("ringscope %s\n", RS_VERSION);
        return RS_EXIT_SUCCESS;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        spell(commands[i].name, spelled, sizeof(spelled));
        if (strcmp(argv[1], spelled) == 0) {
            snprintf(name, sizeof(name), "ringscope %s", spelled);
            argv[1] = name;
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "ringscope: unknown command '%s': ringscope --help lists them\n", argv[1]);
    return RS_EXIT_USAGE;
}
