/* SPDX-License-Identifier: MIT
 * Statuses that are compared: told by their names. */
#include <ntdll.h>
#include <ringscope/nt/status.h>
#include <ringscope/test.h>

#define CLAIM_MAX 256
#define SEVERITY_SHIFT 30

static const struct {
    uint32_t value;
    const char *name;
} statuses[] = {
#define X(name, value) {value, #name},
    RS_NTSTATUSES(X)
#undef X
};

static const char *name_of(uint32_t value)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].value == value)
            return statuses[i].name;
    return "";
}

/* Two small numbers are no statuses, though they may be of that type: int is. */
void test_tell_statuses(const char *what, NTSTATUS got, NTSTATUS expected)
{
    bool named = (uint32_t)got >> SEVERITY_SHIFT != 0 || (uint32_t)expected >> SEVERITY_SHIFT != 0;
    const char *names[] = {named ? name_of((uint32_t)expected) : "",
                           named ? name_of((uint32_t)got) : ""};

    printf("# %sexpected 0x%x%s%s, got 0x%x%s%s\n", what, (uint32_t)expected,
           names[0][0] ? " " : "", names[0], (uint32_t)got, names[1][0] ? " " : "", names[1]);
}

bool test_equal_status(uint64_t got, uint64_t expected, const char *claim, ...)
{
    char text[CLAIM_MAX];
    va_list arguments;

    va_start(arguments, claim);
    vsnprintf(text, sizeof(text), claim, arguments);
    va_end(arguments);
    tap_ok(got == expected, "%s", text);
    if (got != expected)
        test_tell_statuses("", (NTSTATUS)got, (NTSTATUS)expected);
    return got == expected;
}
