/* SPDX-License-Identifier: MIT
 * A test of ring 3, under ringscope's kernel. Build and run it:
 *
 *   cc -o NAME NAME.c $(pkg-config --cflags --libs ringscope-test3)
 *   ringscope test ./NAME
 */
#include <ringscope/test3.h>

/* Each row is a claim of its own name. */
static const struct row {
    const char *name;
    uint64_t got, expected;
} rows[] = {
    ROW(sizeof(struct context), 1232),
    ROW(sizeof(void *), 8),
};

int main(int argc, char **argv)
{
    HANDLE event;

    (void)argc;
    (void)argv;
    EACH_ROW(rows, row)
    tap_equal(row->got, row->expected, "%s", row->name);

    EXPECT_EQUAL(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, false),
                 STATUS_SUCCESS);
    test_claim(event != NULL, "the event has a handle");
    EXPECT_EQUAL(NtClose(event), STATUS_SUCCESS);

    EXPECT_RAISES("ud2", STATUS_ILLEGAL_INSTRUCTION);
    EXPECT_RAISES("hlt", STATUS_PRIVILEGED_INSTRUCTION);
    return test_done();
}
