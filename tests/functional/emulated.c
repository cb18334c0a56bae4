/* SPDX-License-Identifier: MIT
 * Runs any command of this machine in that of an emulated host, in one boot:
 *
 *   emulated HOST LIST BINARY [ARG...]
 *
 * LIST is a file with a path in each line: these files are there under the same names. BINARY's own
 * libraries are there without being named. Standard streams, environment and exit status as with
 * ringscope itself. */
#include "host/emulated.h"
#include "commands/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUTS_MAX 4096
#define PATH_SIZE 4096
#define TIMEOUT_S 3600

static struct rs_emulated_input inputs[INPUTS_MAX];

/* Returns how many there are, or -1. */
static int read_list(const char *path, struct rs_error *error)
{
    FILE *file = fopen(path, "re");
    char line[PATH_SIZE];
    int count = 0;

    if (!file)
        return rs_error_set(error, RS_EXIT_NOT_FOUND, "%s cannot be read", path);
    while (fgets(line, sizeof(line), file) && count < INPUTS_MAX) {
        char *name;

        line[strcspn(line, "\n")] = '\0';
        name = strdup(line);
        if (!name)
            break;
        inputs[count++] = (struct rs_emulated_input){name, name};
    }
    if (!feof(file))
        count = rs_error_set(error, RS_EXIT_USAGE, "%s: more than %d lines", path, INPUTS_MAX);
    fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    struct rs_emulated_command command = {
        .inputs = inputs, .timeout_s = TIMEOUT_S, .no_stdin = true};
    enum rs_host_choice choice;
    struct rs_error error;
    int result;

    if (argc < 4) {
        fprintf(stderr, "usage: emulated HOST LIST BINARY [ARG...]\n");
        return RS_EXIT_USAGE;
    }
    result = rs_host_parse(argv[1], &choice, &error);
    if (result == 0 && choice < RS_HOST_EMULATED)
        result = rs_error_set(&error, RS_EXIT_USAGE, "host '%s' is not emulated", argv[1]);
    if (result == 0 && (result = read_list(argv[2], &error)) >= 0) {
        command.kind = rs_host_kind(choice);
        command.binary = argv[3];
        command.argv = (const char *const *)argv + 3;
        command.input_count = (size_t)result;
        result = rs_emulated_run(&command, &error);
    }
    if (result >= 0)
        return result;
    fprintf(stderr, "emulated: %s\n", error.message);
    return error.exit_code;
}
