/* SPDX-License-Identifier: MIT
 * A test that ends as its argument says. */
#include <ringscope/test3.h>

static const struct row {
    const char *name;
    uint64_t got, expected;
} rows[] = {
    ROW(1 + 1, 2), ROW(2 * 3, 7), /* wrong */
};

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "pass";

    if (strcmp(how, "silent") == 0)
        return 0;
    test_claim(true, "it begins");
    if (strcmp(how, "fail") == 0)
        EACH_ROW(rows, row)
    tap_equal(row->got, row->expected, "%s", row->name);
    if (strcmp(how, "status") == 0) {
        EXPECT_EQUAL(NtClose((HANDLE)0x1234), STATUS_SUCCESS);
        EXPECT_EQUAL(1 + 1, 3);
        EXPECT_RAISES("ud2", STATUS_BREAKPOINT);
    }
    if (strcmp(how, "hang") == 0)
        for (;;)
            __asm__ volatile("pause");
    if (strcmp(how, "crash") == 0)
        __asm__ volatile("ud2");
    if (strcmp(how, "half") == 0)
        exit(0);
    if (strcmp(how, "skip") == 0)
        exit(77);
    if (strcmp(how, "error") == 0)
        test_error("it has no %s", "luck");
    return test_done();
}
