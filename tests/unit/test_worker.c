/* SPDX-License-Identifier: MIT
 * What a worker sends: a guest that has taken it over may send any bytes. */
#include "suite/pool.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct rs_result good(void)
{
    return (struct rs_result){.outcome = RS_OUTCOME_FAIL,
                              .detail = "why",
                              .seconds = 0.5,
                              .console_size = 3,
                              .deviation_count = 1,
                              .deviations = {{.id = "syscall.sce"}}};
}

/* What comes of `size` bytes of it, "abc" as console. */
static int receive(const struct rs_result *sent, size_t size, struct rs_result *result)
{
    int fds[2], status;

    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(rs_worker_write(fds[1], sent, size), 0);
    ck_assert_int_eq(rs_worker_write(fds[1], "abc", 3), 0);
    close(fds[1]);
    status = rs_worker_receive(fds[0], result);
    close(fds[0]);
    return status;
}

START_TEST(a_result_comes_as_it_was_sent)
{
    struct rs_result sent = good(), result;

    ck_assert_int_eq(receive(&sent, sizeof(sent), &result), 0);
    ck_assert_int_eq(result.outcome, RS_OUTCOME_FAIL);
    ck_assert_str_eq(result.detail, "why");
    ck_assert_str_eq(result.console, "abc");
    ck_assert_str_eq(result.deviations[0].id, "syscall.sce");
    rs_result_free(&result);
}
END_TEST

START_TEST(what_no_worker_sends_is_refused)
{
    struct rs_result sent[7], result;

    for (unsigned i = 0; i < 7; i++)
        sent[i] = good();
    sent[0].outcome = RS_OUTCOME_COUNT;
    memset(&sent[1].outcome, 0xff, sizeof(sent[1].outcome));
    memset(sent[2].detail, 'x', sizeof(sent[2].detail));
    sent[3].seconds = INFINITY;
    sent[4].deviation_count = RS_DEVIATIONS_MAX + 1;
    memset(sent[5].deviations[0].id, 'x', sizeof(sent[5].deviations[0].id));
    sent[6].seconds = NAN;
    for (unsigned i = 0; i < 7; i++)
        ck_assert_msg(receive(&sent[i], sizeof(sent[i]), &result) == -1, "%u", i);
}
END_TEST

START_TEST(sizes_that_do_not_hold_are_refused)
{
    struct rs_result sent = good(), result;

    ck_assert_int_eq(receive(&sent, sizeof(sent) - 1 - 3, &result), -1);
    sent.console_size = 4;
    ck_assert_int_eq(receive(&sent, sizeof(sent), &result), -1);
    sent.console_size = RS_CONSOLE_KEPT + 1;
    ck_assert_int_eq(receive(&sent, sizeof(sent), &result), -1);
    sent = good();
    sent.texts[RS_TEXT_TRACE].bytes = (char *)&sent; /* it says that there is one */
    sent.texts[RS_TEXT_TRACE].size = RS_TEXT_MAX + 1;
    ck_assert_int_eq(receive(&sent, sizeof(sent), &result), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker");

    UNIT_ADD(suite, a_result_comes_as_it_was_sent);
    UNIT_ADD(suite, what_no_worker_sends_is_refused);
    UNIT_ADD(suite, sizes_that_do_not_hold_are_refused);
    return unit_run(suite);
}
