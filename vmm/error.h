/* SPDX-License-Identifier: MIT
 * Errors that travel up to main(): an exit code and one line that says what, where, which value. */
#ifndef RINGSCOPE_ERROR_H
#define RINGSCOPE_ERROR_H

/*
 * The one table of exit codes of `ringscope`; --help and the manual print it. A program that ends
 * by itself passes its exit status through when it fits: codes below 112 are always the program's.
 *
 * X(name, code, meaning)
 */
#define RS_EXIT_CODES(X)                                                                           \
    X(SUCCESS, 0, "success; run and trace: the program ended with status 0")                       \
    X(DEPARTS, 1, "doctor: this host departs from the SDM in at least one line; test: one failed") \
    X(BROKEN, 112, "test: none failed, but one could not be tested, or said nothing")              \
    X(BUDGET, 113, "run, trace: a budget was used up: --max-exits, --max-console, ...")            \
    X(GATE, 114, "bench: a --gate does not hold")                                                  \
    X(INVALID, 115, "bench: the known answer was not recovered: the run is not valid")             \
    X(NOISY, 116, "bench: --strict, and something on this host disturbs a measurement")            \
    X(SANDBOX, 117, "ringscope made a system call that its sandbox forbids, and was stopped")      \
    X(NOT_REACHED, 118, "inspect: the guest ended before the point of --at")                       \
    X(HOST, 119, "the host cannot do it: /dev/kvm or QEMU is missing or unusable")                 \
    X(NTSTATUS, 120, "run, trace: the program ended with a status above 255 (an NTSTATUS)")        \
    X(BUG_CHECK, 121, "run, trace: the guest kernel stopped with a bug check")                     \
    X(CRASH, 122, "run, trace: triple fault, or an exit that cannot be handled")                   \
    X(OUTPUT, 123, "an output file cannot be written")                                             \
    X(TIMEOUT, 124, "run, trace: --timeout passed")                                                \
    X(USAGE, 125, "unknown option, command or filter, or a value out of range")                    \
    X(IMAGE, 126,                                                                                  \
      "a kernel, program, trace, dump or result cannot be used: unreadable, or unsound")           \
    X(NOT_FOUND, 127, "a kernel, program, trace or dump does not exist")                           \
    X(INTERRUPTED, 130, "run, trace, export: ended by Ctrl-C or SIGTERM")

enum rs_exit_code {
#define X(name, code, meaning) RS_EXIT_##name = (code),
    RS_EXIT_CODES(X)
#undef X
};

struct rs_error {
    int exit_code;
    char message[480];
};

/* Fills `error` and returns -1, so that callers write `return rs_error_set(...)`. */
int rs_error_set(struct rs_error *error, enum rs_exit_code exit_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and strerror(errnum) behind it. */
int rs_error_errno(struct rs_error *error, enum rs_exit_code exit_code, int errnum,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
