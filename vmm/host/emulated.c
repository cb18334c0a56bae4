/* SPDX-License-Identifier: MIT
 * The emulated host: one command, from beginning to end. */
#include "emulated.h"

#include "relay.h"
#include "sandbox/sandbox.h"
#include "upload.h"

#include <stdio.h>
#include <stdlib.h>

_Static_assert(RS_STREAM_OUTPUT + RS_EMULATED_OUTPUTS_MAX == RS_STREAM_COUNT,
               "every output has a stream");

struct run {
    struct rs_wait wait;
    struct rs_host_machine machine;
    struct rs_relay relay;
};

/* What comes from the machine is not believed; and who finds a way through is alone here. QEMU
 * keeps its user, so this process does, or it could not end it. */
static int confine(const struct rs_sandbox *wanted, struct rs_error *error)
{
    struct rs_sandbox sandbox = {.mode = RS_SANDBOX_ON, .signals = true, .memory = wanted->memory};
    struct rs_sandbox_filter filter;
    int result;

    if (wanted->mode == RS_SANDBOX_OFF)
        return 0;
    if (rs_sandbox_enter(&sandbox, error) != 0 ||
        rs_sandbox_make_filter(&filter, RS_SANDBOX_RELAY, error) != 0)
        return -1;
    result = rs_sandbox_confine(&filter, NULL, NULL);
    rs_sandbox_free_filter(&filter);
    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, -result, "sandbox: seccomp");
    return 0;
}

static int run_in_machine(struct run *run, const struct rs_emulated_command *command,
                          struct rs_error *error)
{
    int result = rs_upload(&run->machine.channel, command, error);

    if (result == 0)
        result = rs_host_machine_start(&run->machine, error);
    rs_wait_stage(&run->wait, NULL);
    if (result == 0 && command->sandbox)
        result = confine(command->sandbox, error);
    if (result == 0)
        result = rs_relay_serve(&run->relay, &run->machine, command, error);
    if (result < 0 && error->exit_code == RS_EXIT_HOST)
        rs_host_machine_explain(&run->machine, error);
    return result;
}

static int run_all(struct run *run, const struct rs_emulated_command *command,
                   struct rs_error *error)
{
    int result;

    if (rs_wait_open(&run->wait, command->verbose, error) != 0)
        return -1;
    run->machine.kind = command->kind;
    run->machine.memory_mib = command->memory_mib ? command->memory_mib : RS_EMULATED_MEMORY_MIB;
    result = rs_host_machine_open(&run->machine, &run->wait, error);
    if (result == 0) {
        rs_wait_stage(&run->wait, "starting the command");
        result = run_in_machine(run, command, error);
        rs_host_machine_close(&run->machine);
    }
    rs_wait_close(&run->wait);
    return result < 0 && run->wait.signal ? RS_EXIT_INTERRUPTED : result;
}

int rs_emulated_run(const struct rs_emulated_command *command, struct rs_error *error)
{
    struct run *run;
    int result;

    if (command->output_count > RS_EMULATED_OUTPUTS_MAX)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: %zu outputs, above %d",
                            command->output_count, RS_EMULATED_OUTPUTS_MAX);
    run = calloc(1, sizeof(*run));
    if (!run)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: out of memory");
    result = run_all(run, command, error);
    free(run);
    return result;
}
