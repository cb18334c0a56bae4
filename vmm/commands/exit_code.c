/* SPDX-License-Identifier: MIT
 * How a guest ended -> exit code, and a line on stderr for what is not a plain exit. */
#include "nt/services.h"
#include "sandbox/sandbox.h"
#include "session.h"

#include <inttypes.h>

static int program_exit(uint32_t status)
{
    const char *name = rs_status_name(status);

    if (status <= 0xff)
        return (int)status;
    fprintf(stderr, "ringscope: the program ended with status %#010" PRIx32 "%s%s\n", status,
            name ? " " : "", name ? name : "");
    return RS_EXIT_NTSTATUS;
}

static int forbidden_call(uint32_t call)
{
    const char *name = rs_sandbox_call_name((int)call);

    fprintf(stderr,
            "ringscope: its sandbox stopped a vCPU thread at the system call %s (%" PRIu32
            "), which it never makes: the guest may have found a way in; keep the trace\n",
            name ? name : "of an unknown name", call);
    return RS_EXIT_SANDBOX;
}

static int budget_spent(const struct rs_budget *budget)
{
    static const char *const options[] = {
#define X(name, member, option, text) option,
        RS_BUDGETS(X)
#undef X
    };
    static const char *const texts[] = {
#define X(name, member, option, text) text,
        RS_BUDGETS(X)
#undef X
    };
    int kind = budget->spent < 0 ? 0 : budget->spent;

    fprintf(stderr, "ringscope: the guest used up its budget of %" PRIu64 " %s (--%s)\n",
            budget->limits[kind], texts[kind], options[kind]);
    return RS_EXIT_BUDGET;
}

int rs_session_exit_code(const struct rs_session *session)
{
    const struct rs_stop *stop = &session->machine.stop;

    switch (stop->kind) {
    case RS_STOP_PROGRAM:
        return program_exit(stop->value);
    case RS_STOP_DEBUG_EXIT: /* QEMU's isa-debug-exit */
        return (int)(((stop->value << 1) | 1) & 0xff);
    case RS_STOP_BUG_CHECK:
        fprintf(stderr, "ringscope: the guest stopped with bug check %#" PRIx32 "\n", stop->value);
        return RS_EXIT_BUG_CHECK;
    case RS_STOP_INTERRUPTED:
        fprintf(stderr, "ringscope: interrupted\n");
        return RS_EXIT_INTERRUPTED;
    case RS_STOP_TIMEOUT:
        fprintf(stderr, "ringscope: the guest did not end within %.10g s (--timeout)\n",
                session->budget.seconds);
        return RS_EXIT_TIMEOUT;
    case RS_STOP_OUTPUT:
        fprintf(stderr, "ringscope: the output cannot be written\n");
        return RS_EXIT_OUTPUT;
    case RS_STOP_POWER_OFF:
        return 0;
    case RS_STOP_RESET:
        fprintf(stderr, "ringscope: the guest reset the machine\n");
        return 0;
    case RS_STOP_BUDGET:
        return budget_spent(&session->budget);
    case RS_STOP_SANDBOX:
        return forbidden_call(stop->value);
    default:
        fprintf(stderr, "ringscope: the guest crashed: %s\n", stop->message);
        return RS_EXIT_CRASH;
    }
}
