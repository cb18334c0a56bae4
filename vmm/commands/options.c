/* SPDX-License-Identifier: MIT
 * Options that run and trace have in common. */
#include "options.h"

#include "keys.h"

#include <errno.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_KERNEL = 0x100,
    KEY_BOOT,
    KEY_APPEND,
    KEY_INITRD,
    KEY_CPU,
    KEY_CPUS,
    KEY_MODULE,
    KEY_PAGEFILE,
    KEY_KVA_SHADOW,
    KEY_KEYS,
    KEY_TIMEOUT,
    KEY_HOST,
    KEY_REPAIR,
    KEY_REGISTERS,
    KEY_HOOK_KIND,
    KEY_SANDBOX,
    KEY_USER,
    KEY_BUDGET /* and one for each */
};

static const struct argp_option options_table[] = {
    {"kernel", KEY_KERNEL, "FILE", 0,
     "Boot this kernel instead of the bundled one: ELF64 as docs/guest.md has it, Multiboot, Linux "
     "bzImage or PVH, found out by its content",
     0},
    {"append", KEY_APPEND, "TEXT", 0, "Command line of a Multiboot, Linux or PVH kernel", 0},
    {"initrd", KEY_INITRD, "FILE", 0, "Its initial RAM disk, or first module", 0},
    {"boot", KEY_BOOT, "PROTOCOL", 0,
     "How to boot it: auto, ringscope, multiboot, linux or pvh (auto)", 0},
    {"cpu", KEY_CPU, "FEATURES", 0,
     "What CPUID tells the guest otherwise than KVM offers, as QEMU's -cpu has it: "
     "host,-x2apic,vendor=GenuineIntel; hv-passthrough: what KVM has of Hyper-V's interface",
     0},
    {"memory", 'm', "SIZE", 0,
     "Guest memory; K, M or G may follow the number (64M; 128M for other kernels)", 0},
    {"cpus", KEY_CPUS, "N", 0, "How many vCPUs the guest has, 1 to 16 (1)", 0},
    {"module", KEY_MODULE, "FILE", 0,
     "Also give the guest this file, read-only, as \\??\\C:\\NAME; may be repeated; none takes "
     "back "
     "those before",
     0},
    {"pagefile", KEY_PAGEFILE, "FILE[:SIZE]", 0,
     "Where the guest's memory is paged out to: made, or made longer, when SIZE says so; none: "
     "nowhere (a nameless file of four times --memory)",
     0},
    {"kva-shadow", KEY_KVA_SHADOW, NULL, 0,
     "Two page-table roots for each process: in ring 3 the kernel is not mapped", 0},
    {"keys", KEY_KEYS, "TEXT", 0,
     "Type TEXT on the guest's keyboard once its driver listens: characters of the US layout, and "
     "\\n \\t \\e \\\\; -: what comes on stdin, which then is not the console's",
     0},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "End the guest after so long (30 days); none: never", 0},
    {"host", KEY_HOST, RS_HOST_CHOICES, 0,
     "What runs the guest: /dev/kvm, or kvm-amd in an emulated machine; auto takes /dev/kvm when "
     "it "
     "is usable",
     0},
    {"repair", KEY_REPAIR, "on|off", 0,
     "Put transitions right that this host gets wrong (on); off shows the bare host", 0},
    {"registers", KEY_REGISTERS, NULL, 0, "Print each vCPU's registers at the end, on stderr", 0},
    {"hook-kind", KEY_HOOK_KIND, "auto|gate|site|int3|breakpoint", 0,
     "By which exit transitions leave the guest, where a place can have it: auto measures what "
     "each "
     "takes here (auto); the trace is the same",
     0},
    {"max-exits", KEY_BUDGET + RS_BUDGET_EXITS, "N", 0,
     "End the guest after so many exits, all vCPUs together (10^12)", 0},
    {"max-events", KEY_BUDGET + RS_BUDGET_EVENTS, "N", 0,
     "End the guest after so many events (10^12)", 0},
    {"max-console", KEY_BUDGET + RS_BUDGET_CONSOLE, "SIZE", 0,
     "End the guest after so much console output (1G, and a quarter of what its disk has left)", 0},
    {"max-trace", KEY_BUDGET + RS_BUDGET_TRACE, "SIZE", 0,
     "End the guest when files of the trace are so long (half of what the disk has left)", 0},
    {"sandbox", KEY_SANDBOX, "off|on|strict", 0,
     "Before the guest runs, give up all that running it does not need (on); strict: "
     "ioctls by a list, too, no guest where the host lacks a part of that, and never as root",
     0},
    {"user", KEY_USER, "NAME|UID[:GID]", 0, "Become this user before the guest runs", 0},
    {"verbose", 'v', NULL, 0,
     "Say what is being done; in a trace, also names of arguments, and gate, stacks and "
     "instruction of each exception",
     0},
    {0},
};

void rs_options_init(struct rs_options *options, struct rs_error *error)
{
    *options = (struct rs_options){
        .cpus = 1,
        .boot = -1,
        .repair = true,
        .hook_kind = RS_HOOK_AUTO,
        .sandbox = {.mode = RS_SANDBOX_DEFAULT},
        .error = error,
    };
    /* What argp's own functions fail with. */
    rs_error_set(error, RS_EXIT_HOST, "out of memory");
}

error_t rs_options_bad(struct rs_options *options, const char *option, const char *value,
                       const char *allowed)
{
    rs_error_set(options->error, RS_EXIT_USAGE, "%s '%s': %s", option, value, allowed);
    return EINVAL;
}

bool rs_parse_size(const char *text, uint64_t *size)
{
    unsigned long long number;
    unsigned shift = 0;
    char *end;

    errno = 0;
    number = strtoull(text, &end, 0);
    switch (*end) {
    case 'K':
    case 'k':
        shift = 10;
        break;
    case 'M':
    case 'm':
        shift = 20;
        break;
    case 'G':
    case 'g':
        shift = 30;
        break;
    default:
        break;
    }
    *size = (uint64_t)number << shift;
    return errno == 0 && end != text && text[0] != '-' && end[shift ? 1 : 0] == '\0' &&
           number <= UINT64_MAX >> shift;
}

static error_t parse_memory(struct rs_options *options, const char *value)
{
    if (!rs_parse_size(value, &options->memory_size) || options->memory_size < RS_RAM_MIN ||
        options->memory_size > RS_RAM_MAX || options->memory_size % LARGE_PAGE_SIZE != 0)
        return rs_options_bad(options, "--memory", value,
                              "guest memory is a multiple of 2M, from 8M to 3G");
    return 0;
}

static error_t parse_cpus(struct rs_options *options, const char *value)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(value, &end, 10);
    if (errno || end == value || *end || value[0] == '-' || number < 1 || number > RS_CPUS_MAX)
        return rs_options_bad(options, "--cpus", value, "a number of vCPUs from 1 to 16");
    options->cpus = (unsigned)number;
    return 0;
}

_Static_assert(RS_CPUS_MAX == 16, "as --cpus says in its help and errors");

static error_t add_module(struct rs_options *options, const char *value)
{
    if (strcmp(value, "none") == 0)
        options->module_count = 0;
    else if (options->module_count == RS_MODULES_MAX)
        return rs_options_bad(options, "--module", value,
                              "a guest takes 15 files beside its program");
    else
        options->modules[options->module_count++] = value;
    return 0;
}

static error_t parse_timeout(struct rs_options *options, const char *value)
{
    if (!rs_budget_parse_seconds(value, &options->budget.seconds))
        return rs_options_bad(options, "--timeout", value, "a number of seconds above 0, or none");
    return 0;
}

static error_t parse_repair(struct rs_options *options, const char *value)
{
    options->repair = strcmp(value, "on") == 0;
    if (!options->repair && strcmp(value, "off") != 0)
        return rs_options_bad(options, "--repair", value, "one of off on");
    return 0;
}

static error_t parse_hook_kind(struct rs_options *options, const char *value)
{
    if (rs_hook_kind_parse(value, &options->hook_kind) != 0)
        return rs_options_bad(options, "--hook-kind", value,
                              "one of auto gate site int3 breakpoint");
    return 0;
}

static error_t parse_budget(struct rs_options *options, enum rs_budget_kind kind, const char *value)
{
    static const char *const names[] = {
#define X(name, member, option, text) "--" option,
        RS_BUDGETS(X)
#undef X
    };

    if (!rs_budget_parse(value, &options->budget.limits[kind]))
        return rs_options_bad(options, names[kind], value,
                              "a number above 0, with K, M or G behind it, or none");
    return 0;
}

static error_t parse_sandbox(struct rs_options *options, const char *value)
{
    if (!rs_sandbox_parse(value, &options->sandbox.mode))
        return rs_options_bad(options, "--sandbox", value, "one of off on strict");
    return 0;
}

error_t rs_options_string_size(struct rs_options *options, uint32_t *size, const char *value)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(value, &end, 0);
    if (errno || end == value || *end || value[0] == '-' || number > RS_STRING_SIZE_MAX)
        return rs_options_bad(options, "-s", value, "a number of bytes from 0 to 4096");
    *size = (uint32_t)number;
    return 0;
}

error_t rs_options_one_line(int key, struct argp_state *state)
{
    if (key == ARGP_KEY_INIT) { /* getopt says what is wrong; argp's advice would follow */
        state->err_stream = fopen("/dev/null", "we");
        return state->err_stream ? 0 : errno;
    }
    fclose(state->err_stream);
    state->err_stream = stderr;
    return 0;
}

static error_t parse_keys(struct rs_options *options, const char *value)
{
    options->keys = value;
    return rs_keys_check(value, options->error) == 0 ? 0 : EINVAL;
}

static error_t parse_boot(struct rs_options *options, const char *value)
{
    static const char *const values[] = {
#define X(name, value, text) value,
        RS_PROTOCOLS(X)
#undef X
    };

    options->boot = -1;
    for (int i = 0; i < RS_PROTOCOL_COUNT; i++)
        if (strcmp(value, values[i]) == 0)
            options->boot = i;
    if (options->boot < 0 && strcmp(value, "auto") != 0)
        return rs_options_bad(options, "--boot", value,
                              "one of auto ringscope multiboot linux pvh");
    return 0;
}

static error_t parse_cpu(struct rs_options *options, const char *value)
{
    options->cpu_given = true;
    return rs_cpu_model_parse(value, &options->cpu, options->error) == 0 ? 0 : EINVAL;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct rs_options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
    case ARGP_KEY_FINI:
        return rs_options_one_line(key, state);
    case KEY_KERNEL:
        options->kernel = argument;
        return 0;
    case KEY_BOOT:
        return parse_boot(options, argument);
    case KEY_APPEND:
        options->append = argument;
        return 0;
    case KEY_INITRD:
        options->initrd = argument;
        return 0;
    case KEY_CPU:
        return parse_cpu(options, argument);
    case 'm':
        return parse_memory(options, argument);
    case KEY_CPUS:
        return parse_cpus(options, argument);
    case KEY_MODULE:
        return add_module(options, argument);
    case KEY_PAGEFILE:
        return rs_pagefile_parse(argument, &options->pagefile, options->error) == 0 ? 0 : EINVAL;
    case KEY_KEYS:
        return parse_keys(options, argument);
    case KEY_TIMEOUT:
        return parse_timeout(options, argument);
    case KEY_HOST:
        return rs_host_parse(argument, &options->host, options->error) == 0 ? 0 : EINVAL;
    case KEY_KVA_SHADOW:
        options->kva_shadow = true;
        return 0;
    case KEY_REPAIR:
        return parse_repair(options, argument);
    case KEY_REGISTERS:
        options->registers = true;
        return 0;
    case KEY_HOOK_KIND:
        return parse_hook_kind(options, argument);
    case KEY_SANDBOX:
        return parse_sandbox(options, argument);
    case KEY_USER:
        options->user = argument; /* the last one counts; the emulated host's is a number */
        return 0;
    case 'v':
        options->verbose = true;
        return 0;
    case ARGP_KEY_ARGS: /* everything from PROGRAM on is the program's */
        options->arguments = state->argv + state->next;
        return 0;
    default:
        if (key >= KEY_BUDGET && key < KEY_BUDGET + RS_BUDGET_COUNT)
            return parse_budget(options, (enum rs_budget_kind)(key - KEY_BUDGET), argument);
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp rs_options_argp = {.options = options_table, .parser = parse_option};
