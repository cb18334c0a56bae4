/* SPDX-License-Identifier: MIT
 * The fuzzer's loop: a case, what the model says, what the host does, and what that is. */
#include "doctor/doctor.h"
#include "internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct fuzzer {
    const struct rs_fuzz_options *options;
    struct rs_fuzz_totals *totals;
    struct rs_probe probe;
    struct rs_departing departing;
    struct rs_fuzz_recent recent;
    struct rs_fuzz_case one;
    struct rs_fuzz_prediction prediction;
    struct rs_fuzz_nearest nearest; /* of the last case that nothing explains */
    FILE *out;
};

/* What the doctor finds on this host now decides what is known. */
static int measure(struct fuzzer *fuzzer, int kvm_fd, struct rs_error *error)
{
    struct rs_examination examination;

    if (rs_examine(kvm_fd, &examination, error) != 0)
        return -1;
    for (size_t i = 0; i < examination.count; i++)
        rs_departing_add(&fuzzer->departing, &examination.findings[i]);
    rs_examination_free(&examination);
    return 0;
}

static const char *from_text(enum rs_from from)
{
    static const char *const texts[] = {[RS_FROM_RING3] = "ring 3",
                                        [RS_FROM_RING0] = "ring 0",
                                        [RS_FROM_COMPAT] = "32-bit ring 3",
                                        [RS_FROM_RING1] = "ring 1",
                                        [RS_FROM_RING2] = "ring 2"};

    return texts[from];
}

static const char *kind_text(enum rs_fuzz_kind kind)
{
    static const char *const texts[] = {
#define X(name, text) text,
        RS_FUZZ_KINDS(X)
#undef X
    };

    return texts[kind];
}

static void append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);

    snprintf(text + used, size - used, "%s", more);
}

/* The text of an outcome without its numbers: "#GP(0x12)" and "#GP(0)" are one way to differ. */
static void append_outcome(char *text, size_t size, const char *outcome)
{
    size_t used = strlen(text), length = strcspn(outcome, "(0");

    while (length > 0 && outcome[length - 1] == ' ')
        length--;
    snprintf(text + used, size - used, "%.*s", (int)length, outcome);
}

static void group_text(const struct rs_fuzz_case *one, const struct rs_finding *finding, char *text,
                       size_t size)
{
    snprintf(text, size, "%s, %s: ", kind_text(one->kind), from_text(one->from));
    for (unsigned i = 0; i < finding->difference_count; i++) {
        const struct rs_difference *difference = &finding->differences[i];

        if (i > 0)
            append(text, size, ", ");
        if (strcmp(difference->field, RS_FIELD_OUTCOME) != 0) {
            append(text, size, difference->field);
            continue;
        }
        append(text, size, "expected ");
        append_outcome(text, size, difference->expected);
        append(text, size, ", got ");
        append_outcome(text, size, difference->got);
    }
}

static void example_text(const struct rs_finding *finding, char *text, size_t size)
{
    text[0] = '\0';
    for (unsigned i = 0; i < finding->difference_count; i++) {
        const struct rs_difference *difference = &finding->differences[i];
        size_t used = strlen(text);

        snprintf(text + used, size - used, "%s%s: expected %s, got %s", i > 0 ? "; " : "",
                 difference->field, difference->expected, difference->got);
    }
}

static void keep_disagreement(struct rs_fuzz_totals *totals, const struct rs_fuzz_case *one,
                              const struct rs_finding *finding)
{
    char text[sizeof(totals->groups[0].text)];
    unsigned i;

    group_text(one, finding, text, sizeof(text));
    for (i = 0; i < totals->group_count; i++)
        if (strcmp(totals->groups[i].text, text) == 0)
            break;
    if (i == RS_FUZZ_GROUPS_MAX) {
        totals->ungrouped++;
        return;
    }
    if (i == totals->group_count) {
        totals->groups[i].first = one->number;
        memcpy(totals->groups[i].text, text, sizeof(text));
        example_text(finding, totals->groups[i].example, sizeof(totals->groups[i].example));
        totals->group_count++;
    }
    totals->groups[i].count++;
}

static enum rs_fuzz_verdict judge(struct fuzzer *fuzzer, const struct rs_observation *seen,
                                  struct rs_finding *finding, rs_fuzz_mask *known)
{
    if (rs_fuzz_compare(&fuzzer->probe, &fuzzer->one, &fuzzer->prediction, seen, finding))
        return RS_FUZZ_AGREES;
    *known = rs_fuzz_explain(&fuzzer->probe, &fuzzer->one, seen, &fuzzer->departing,
                             &fuzzer->recent, &fuzzer->nearest);
    if (*known)
        return RS_FUZZ_KNOWN;
    return rs_fuzz_leads_outside(&fuzzer->probe, &fuzzer->one, &fuzzer->departing)
               ? RS_FUZZ_OUTSIDE
               : RS_FUZZ_DISAGREES;
}

#define AGAIN_MAX 6
#define AGAIN_NS 100000000L /* before the first of them; twice that before the next */

static bool is_waiting(const struct rs_observation *seen)
{
    return seen->end == RS_END_BLOCKED;
}

static void wait_longer(unsigned again)
{
    long pause = AGAIN_NS << again;

    nanosleep(&(struct timespec){pause / 1000000000L, pause % 1000000000L}, NULL);
}

static enum rs_fuzz_verdict run_case(struct fuzzer *fuzzer, struct rs_observation *seen,
                                     struct rs_finding *finding, rs_fuzz_mask *known)
{
    struct rs_error ignored;

    *known = 0;
    *finding = (struct rs_finding){0};
    rs_fuzz_predict(&fuzzer->one, fuzzer->probe.env.vendor, NULL, 0, &fuzzer->prediction, NULL,
                    NULL);
    if (fuzzer->prediction.end == RS_FUZZ_UNKNOWN)
        return RS_FUZZ_OUTSIDE;
    if (!rs_fuzz_run_case(&fuzzer->probe, &fuzzer->one, seen))
        return RS_FUZZ_REFUSED;
    /* A machine that has other work may keep a vCPU waiting so long. */
    for (unsigned again = 0; again < AGAIN_MAX && is_waiting(seen); again++) {
        wait_longer(again);
        if (rs_probe_renew(&fuzzer->probe, false, &ignored) != 0 ||
            !rs_fuzz_run_case(&fuzzer->probe, &fuzzer->one, seen))
            return RS_FUZZ_REFUSED;
    }
    return judge(fuzzer, seen, finding, known);
}

static void count(struct fuzzer *fuzzer, enum rs_fuzz_verdict verdict, rs_fuzz_mask known)
{
    struct rs_fuzz_totals *totals = fuzzer->totals;

    totals->cases++;
    totals->verdicts[fuzzer->one.kind][verdict]++;
    for (unsigned i = 0; i < rs_deviation_count; i++)
        totals->deviations[i] += (uint64_t)(known >> i & 1);
    if (verdict == RS_FUZZ_DISAGREES)
        keep_disagreement(totals, &fuzzer->one, &fuzzer->nearest.finding);
}

static double since(const struct timespec *then)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

static int run_cases(struct fuzzer *fuzzer, struct rs_error *error)
{
    const struct rs_fuzz_options *options = fuzzer->options;
    struct rs_observation seen;
    struct rs_finding finding;
    struct timespec begin;
    rs_fuzz_mask known;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (uint64_t i = 0; options->count == 0 || i < options->count; i++) {
        enum rs_fuzz_verdict verdict;

        if (options->seconds > 0 && since(&begin) >= options->seconds)
            break;
        if (rs_probe_renew(&fuzzer->probe, false, error) != 0)
            return -1;
        rs_fuzz_generate(options->seed, options->first + i, &fuzzer->one);
        verdict = run_case(fuzzer, &seen, &finding, &known);
        count(fuzzer, verdict, known);
        if (options->replay)
            rs_fuzz_tell(&fuzzer->probe, &fuzzer->one, &fuzzer->nearest, verdict, known, &seen,
                         &finding, fuzzer->out);
    }
    fuzzer->totals->seconds = since(&begin);
    return 0;
}

int rs_fuzz_run(int kvm_fd, const struct rs_fuzz_options *options, struct rs_fuzz_totals *totals,
                FILE *out, struct rs_error *error)
{
    struct fuzzer *fuzzer = calloc(1, sizeof(*fuzzer));
    int result;

    memset(totals, 0, sizeof(*totals));
    if (!fuzzer)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    fuzzer->options = options;
    fuzzer->totals = totals;
    fuzzer->out = out;
    result = measure(fuzzer, kvm_fd, error);
    if (result == 0)
        result = rs_probe_open(&fuzzer->probe, kvm_fd, (struct rs_probe_kind){.no_irqchip = true},
                               error);
    if (result == 0) {
        totals->vendor = fuzzer->probe.env.vendor;
        result = run_cases(fuzzer, error);
        rs_probe_close(&fuzzer->probe);
    }
    free(fuzzer);
    return result;
}
