/* SPDX-License-Identifier: MIT
 * The known answer of `ringscope bench`: what is recovered, and that what is wrong is found. */
#include "bench/known.h"
#include "unit.h"

#include <stdlib.h>

#define CALL 300000.0
#define TICKS 4800000u
#define CALLS 80

static struct rs_bench_known known;
static struct rs_bench_result *result;
static uint32_t random_state;

/* 0 to 99, the same on every machine. */
static unsigned percent(void)
{
    random_state = random_state * UINT32_C(1664525) + UINT32_C(1013904223);
    return (random_state >> 16) % 100;
}

/* Of a machine, and of the method: `scale` is what it makes of a tick that the kernel spun. */
struct machine {
    const char *name;
    double scale;
    unsigned disturbed;   /* per cent of the calls, which take half a call more */
    unsigned interrupted; /* of the spins, which take as long again, and cold caches behind */
    bool ok;
};

static void fill(const struct machine *machine)
{
    for (unsigned which = RS_ANSWER_SHORT; which <= RS_ANSWER_LONG; which++)
        for (unsigned i = 0; i < CALLS; i++) {
            double told = which == RS_ANSWER_LONG ? TICKS : TICKS / 2.0;
            double rest = CALL + 100 * percent();

            if (percent() < machine->disturbed)
                rest += CALL / 2;
            if (percent() < machine->interrupted) {
                told *= 2;
                rest += 4 * CALL;
            }
            known.calls[which][known.counts[which]++] =
                (struct rs_bench_known_call){.passive = machine->scale * told + rest,
                                             .active = machine->scale * told + rest / 2,
                                             .told = told};
        }
}

static void setup(void)
{
    random_state = 1;
    rs_bench_known_init(&known, 0);
    known.ticks = TICKS;
    result = calloc(1, sizeof(*result));
    ck_assert_ptr_nonnull(result);
}

static void teardown(void)
{
    free(result);
}

static const struct machine machines[] = {
    {"quiet", 1, 0, 0, true},
    {"quiet, wrong by 5 %", 1.05, 0, 0, false},
    {"quiet, wrong by -5 %", 0.95, 0, 0, false},
    {"busy", 1, 60, 40, true},
    {"busy, wrong by 20 %", 1.2, 60, 40, false},
    {"busy, wrong by -20 %", 0.8, 60, 40, false},
    {"every spin interrupted", 1, 0, 100, false},
};

START_TEST(an_answer_is_judged)
{
    const struct machine *machine = &machines[_i];

    fill(machine);
    rs_bench_known_judge(&known, RS_BENCH_PLANT_NONE, result);
    ck_assert_uint_eq(result->check_count, 2);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_msg(result->checks[i].ok == machine->ok, "%s: of %.0f %.0f recovered, error %.0f",
                      machine->name, result->checks[i].known, result->checks[i].recovered,
                      result->checks[i].error);
}
END_TEST

START_TEST(a_planted_error_is_found)
{
    fill(&machines[0]);
    rs_bench_known_judge(&known, RS_BENCH_PLANT_PASSIVE, result);
    ck_assert(result->checks[0].ok);
    ck_assert(!result->checks[1].ok);
}
END_TEST

/* Most calls of each kind take ten times as long as the others. */
START_TEST(an_error_that_lets_all_pass_is_no_answer)
{
    fill(&machines[0]);
    for (unsigned which = RS_ANSWER_SHORT; which <= RS_ANSWER_LONG; which++)
        for (unsigned i = 0; i < CALLS; i++)
            known.calls[which][i].passive += i % 8 > 2 ? 9 * CALL : 0;
    rs_bench_known_judge(&known, RS_BENCH_PLANT_NONE, result);
    ck_assert(!result->checks[1].ok);
    ck_assert(result->checks[1].error > RS_ANSWER_ERROR_MAX * result->checks[1].known);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench_known");
    TCase *tests = tcase_create("bench_known");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, an_answer_is_judged, 0, sizeof(machines) / sizeof(machines[0]));
    tcase_add_test(tests, a_planted_error_is_found);
    tcase_add_test(tests, an_error_that_lets_all_pass_is_no_answer);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
