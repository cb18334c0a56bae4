/* SPDX-License-Identifier: MIT
 * The commands of `ringscope`. */
#ifndef RINGSCOPE_COMMANDS_H
#define RINGSCOPE_COMMANDS_H

/* X(name, summary); on the command line '_' is '-'. Each is int rs_command_<name>(int argc, char
 * **argv): argv[0] is "ringscope NAME" for messages; returns the exit code. */
#define RS_COMMANDS(X)                                                                             \
    X(run, "boot the guest kernel and run a program in ring 3")                                    \
    X(trace, "the same, and print every privilege transition")                                     \
    X(record, "the same, and keep them in a CTF trace")                                            \
    X(test, "run guest tests, hundreds per second; those of kvm-unit-tests unmodified")            \
    X(new_test, "write the source of a guest test, to be built with cc")                           \
    X(report, "counts and times of a recorded trace")                                              \
    X(explain, "what the SDM says that one transition of a trace does")                            \
    X(export, "a recorded trace as JSON lines, for Perfetto, or as text of ftrace")                \
    X(inspect, "stop a guest and print its IDT, GDT, TSS, MSRs, service and page tables")          \
    X(bench, "what transitions cost, in the guest and on the host")                                \
    X(decode, "what the bits of a descriptor, register or error code mean; needs no guest")        \
    X(doctor, "what this host can do, and where it departs from the SDM")                          \
    X(fuzz, "random transitions on this host against the model of the SDM")

#define X(name, summary) int rs_command_##name(int argc, char **argv);
RS_COMMANDS(X)
#undef X

#endif
