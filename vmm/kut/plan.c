/* SPDX-License-Identifier: MIT
 * How a test of kvm-unit-tests is run here. */
#include "plan.h"

#include "kvm/cpu_model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 1024
#define DEFAULT_TIMEOUT 90 /* of the suite's runner */

static void cannot(struct rs_kut_plan *plan, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The first reason counts. */
static void cannot(struct rs_kut_plan *plan, const char *format, ...)
{
    va_list arguments;

    if (plan->reason[0])
        return;
    va_start(arguments, format);
    vsnprintf(plan->reason, sizeof(plan->reason), format, arguments);
    va_end(arguments);
}

/* What stands in for a command in backquotes: the one that the suite has. */
static bool put_command(const char **text, uint64_t now, char *word, size_t size, size_t *used)
{
    static const char date[] = "`date +%s`";
    int digits;

    if (strncmp(*text, date, sizeof(date) - 1) != 0)
        return false;
    digits = snprintf(word + *used, size - *used, "%" PRIu64, now);
    if (digits < 0 || (size_t)digits >= size - *used)
        return false;
    *used += (size_t)digits;
    *text += sizeof(date) - 1;
    return true;
}

int rs_kut_word(const char **text, uint64_t now, char *word, size_t size)
{
    const char *next = *text + strspn(*text, " \t");
    size_t used = 0;
    char quote = '\0';

    if (*next == '\0')
        return 0;
    while (*next && (quote || !strchr(" \t", *next))) {
        if (*next == '`' && quote != '\'') {
            if (!put_command(&next, now, word, size, &used))
                return -1;
        } else if ((*next == '$' || *next == '\\') && quote != '\'') {
            return -1;
        } else if (*next == quote) {
            quote = '\0';
            next++;
        } else if (!quote && (*next == '\'' || *next == '"')) {
            quote = *next++;
        } else if (used + 1 < size) {
            word[used++] = *next++;
        } else {
            return -1;
        }
    }
    word[used] = '\0';
    *text = next;
    return quote ? -1 : 1;
}

bool rs_kut_has_word(const char *list, const char *word)
{
    size_t size = strlen(word);

    for (const char *next = list; *next;) {
        size_t length = strcspn(next, " \t");

        if (length == size && memcmp(next, word, size) == 0)
            return true;
        next += length + strspn(next + length, " \t");
    }
    return false;
}

/* The words of test_args are one word of QEMU's command line each, but only the first is -append's
 * value: they stand in quotes if there are several. */
static void plan_arguments(const struct rs_kut_test *test, uint64_t now, struct rs_kut_plan *plan)
{
    const char *next = test->args;
    int result = rs_kut_word(&next, now, plan->append, sizeof(plan->append));

    if (result < 0)
        cannot(plan, "its test_args take a shell: %.80s", test->args);
    else if (result == 0)
        plan->append[0] = '\0';
}

static void add_cpu(struct rs_kut_plan *plan, const char *item)
{
    struct rs_cpu_model ignored;
    struct rs_error error;
    size_t used = strlen(plan->cpu);

    if (rs_cpu_model_parse(item, &ignored, &error) != 0)
        cannot(plan, "-cpu %.60s is not one of the features of --cpu", item);
    else if (used + strlen(item) + 2 > sizeof(plan->cpu))
        cannot(plan, "-cpu names too many features");
    else
        snprintf(plan->cpu + used, sizeof(plan->cpu) - used, ",%s", item);
}

/* The model's name counts for nothing: KVM's own processor is what there is. What only QEMU's model
 * of a processor needs to know is left out. */
static void plan_cpu(struct rs_kut_plan *plan, char *value)
{
    char *rest = value, *item = strsep(&rest, ",");

    snprintf(plan->cpu, sizeof(plan->cpu), "host");
    (void)item;
    while ((item = strsep(&rest, ","))) {
        if (strcmp(item, "host-phys-bits") == 0 || strcmp(item, "migratable=no") == 0)
            continue;
        if (strncmp(item, "phys-bits=", 10) == 0 || strncmp(item, "host-phys-bits=", 15) == 0)
            cannot(plan, "needs another width of physical addresses (-cpu %s)", item);
        else if (strcmp(item, "-vmx-mbec") == 0 || strcmp(item, "+vmx-mbec") == 0)
            continue; /* in VMX capability MSRs, not in CPUID: as KVM has it */
        else
            add_cpu(plan, item);
    }
}

static void plan_memory(const struct rs_kut_limits *limits, struct rs_kut_plan *plan,
                        const char *value)
{
    char *end;
    unsigned long long number = strtoull(value, &end, 10);
    unsigned shift = *end == 'g' || *end == 'G' ? 30 : 20; /* megabytes without a suffix */

    if (end == value || number == 0 || number > 4096)
        cannot(plan, "-m %.40s", value);
    plan->memory = (uint64_t)number << shift;
    if (plan->memory > limits->memory_max)
        plan->memory = limits->memory_max;
}

static void plan_machine(struct rs_kut_plan *plan, const char *value)
{
    if (strcmp(value, "pit=off") == 0)
        return; /* nothing hangs on it: it lets AVIC on */
    if (strcmp(value, "vmport=on") == 0)
        cannot(plan, "needs VMware's port 5658h (-machine vmport=on)");
    else
        cannot(plan, "needs another machine (-machine %.60s)", value);
}

/* Takes an option of QEMU, with its value if it has one. */
static void plan_option(const struct rs_kut_limits *limits, struct rs_kut_plan *plan,
                        const char *option, char *value)
{
    if (strcmp(option, "-cpu") == 0)
        plan_cpu(plan, value);
    else if (strcmp(option, "-m") == 0)
        plan_memory(limits, plan, value);
    else if (strcmp(option, "-machine") == 0 || strcmp(option, "-M") == 0)
        plan_machine(plan, value);
    else if (strcmp(option, "-device") == 0 && strcmp(value, "hyperv-testdev") == 0)
        return; /* every PC has it */
    else if (strcmp(option, "-device") == 0)
        cannot(plan, "needs QEMU's device %.80s", value);
    else if (strcmp(option, "-overcommit") != 0) /* how QEMU schedules its threads */
        cannot(plan, "needs QEMU's option %.40s %.60s", option, value);
}

static void plan_params(const struct rs_kut_test *test, const struct rs_kut_limits *limits,
                        struct rs_kut_plan *plan)
{
    char option[WORD_MAX], value[WORD_MAX];
    const char *next = test->params;
    int result;

    while ((result = rs_kut_word(&next, limits->now, option, sizeof(option))) > 0) {
        if (strcmp(option, "-enable-kvm") == 0)
            continue;
        result = rs_kut_word(&next, limits->now, value, sizeof(value));
        if (result <= 0)
            break;
        plan_option(limits, plan, option, value);
    }
    if (result < 0)
        cannot(plan, "its parameters take a shell: %.80s", test->params);
}

static void plan_timeout(const struct rs_kut_test *test, const struct rs_kut_limits *limits,
                         struct rs_kut_plan *plan)
{
    char *end;
    double value = strtod(test->timeout, &end);

    plan->timeout = DEFAULT_TIMEOUT;
    if (limits->timeout > 0)
        plan->timeout = limits->timeout;
    else if (end != test->timeout && value > 0 && value < 86400)
        plan->timeout = *end == 'm' ? value * 60 : value;
}

void rs_kut_plan(const struct rs_kut_test *test, const struct rs_kut_limits *limits,
                 struct rs_kut_plan *plan)
{
    *plan = (struct rs_kut_plan){.memory = limits->memory_default, .cpus = test->smp};
    if (test->arch[0] && strcmp(test->arch, "x86_64") != 0)
        cannot(plan, "%.40s only", test->arch);
    if (test->accel[0] && strcmp(test->accel, "kvm") != 0)
        cannot(plan, "%.40s only", test->accel);
    if (test->machine[0])
        cannot(plan, "%.40s only", test->machine);
    if (test->disabled_if[0])
        cannot(plan, "its disabled_if takes a shell: %.80s", test->disabled_if);
    if (test->smp > limits->cpus_max)
        cannot(plan, "needs %u processors: there are at most %u", test->smp, limits->cpus_max);
    plan_arguments(test, limits->now, plan);
    plan_params(test, limits, plan);
    plan_timeout(test, limits, plan);
}
