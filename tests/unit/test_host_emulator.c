/* SPDX-License-Identifier: MIT
 * What is told of an emulator that has ended: the last line that says something. */
#include "host/emulator.h"
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

struct row {
    const char *name, *said, *told;
};

static const struct row rows[] = {
    {"one line", "no such disk\n", "no such disk"},
    {"the last of several", "a\nb\n\n\n", "b"},
    {"between two rules", "====\nBochs is exiting\n[CPU0  ] 3rd exception\n====\n",
     "[CPU0  ] 3rd exception"},
    {"a rule in a line", "a == b\n", "a == b"},
    {"rules alone", "====\n\n====\n", ""},
    {"nothing", "", ""},
    {"control characters are dropped", "\033[2Jgone\n", "[2Jgone"},
};

START_TEST(the_last_words)
{
    const struct row *row = &rows[_i];
    struct rs_emulator emulator = RS_EMULATOR_NONE;
    size_t size = strlen(row->said);
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], row->said, size), (ssize_t)size);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    emulator.messages = ends[0];
    ck_assert_msg(strcmp(rs_emulator_last_message(&emulator), row->told) == 0, "%s: '%s'",
                  row->name, rs_emulator_last_message(&emulator));
    close(ends[0]);
    close(ends[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host emulator");

    UNIT_ADD_ROWS(suite, the_last_words, rows);
    return unit_run(suite);
}
