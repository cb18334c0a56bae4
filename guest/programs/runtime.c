/* SPDX-License-Identifier: MIT
 * Test of the run-time library that the kernel and ntdll share: memory, strings, formatting. */

#include <ntdll.h>
#include <tap.h>

__attribute__((format(printf, 2, 3))) static void test_format(const char *expected,
                                                              const char *format, ...)
{
    char text[128];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!tap_ok(strcmp(text, expected) == 0 && length == (int)strlen(expected), "format: %s",
                expected))
        printf("# got %s\n", text);
}

static void test_formats(void)
{
    char text[4] = "xxx";

    test_format("-5 5 +5", "%d %u %+d", -5, 5u, 5);
    test_format("-9223372036854775808", "%ld", INT64_MIN);
    test_format("18446744073709551615", "%lu", UINT64_MAX);
    test_format("ff FF 0xff", "%x %X %#x", 255u, 255u, 255u);
    test_format("0x1234", "%p", (void *)0x1234);
    test_format("[   7][7   ][0007]", "[%4d][%-4d][%04d]", 7, 7, 7);
    test_format("[   7][7   ]", "[%*d][%*d]", 4, 7, -4, 7);
    test_format("[-007][  -7]", "[%04d][%4d]", -7, -7);
    test_format("[abc       ][       abc][ab]", "[%-10s][%10s][%.2s]", "abc", "abc", "abc");
    test_format("c % 007", "%c %% %.3d", 'c', 7);
    test_format("fe fffe", "%hhx %hx", (unsigned char)0xfe, (unsigned short)0xfffe);
    tap_equal((uint64_t)snprintf(text, sizeof(text), "%s", "longer"), 6,
              "snprintf returns the full length");
    tap_ok(strcmp(text, "lon") == 0, "snprintf cuts the text");
}

static void test_memory(void)
{
    char text[] = "0123456789";

    tap_ok(memmove(text + 2, text, 5) == text + 2 && strcmp(text, "0101234789") == 0,
           "memmove upwards, overlapping");
    tap_ok(memmove(text, text + 2, 5) == text && strcmp(text, "0123434789") == 0,
           "memmove downwards, overlapping");
    memmove(text, text + 1, 0);
    tap_ok(strcmp(text, "0123434789") == 0, "memmove of nothing");
    memset(text, 'x', 3);
    tap_ok(strcmp(text, "xxx3434789") == 0, "memset");
    memcpy(text, "abcdefghij", 9);
    tap_ok(strcmp(text, "abcdefghi9") == 0, "memcpy of 8 + 1 bytes");
    tap_ok(memcmp("abc", "abd", 2) == 0 && memcmp("abc", "abd", 3) < 0 &&
               memcmp("\xff", "\x01", 1) > 0 && memcmp("a", "b", 0) == 0,
           "memcmp");
}

static void test_strings(void)
{
    char *end;

    tap_ok(strlen("") == 0 && strlen("four") == 4, "strlen");
    tap_ok(strcmp("a", "a") == 0 && strcmp("a", "b") < 0 && strcmp("ab", "a") > 0, "strcmp");
    tap_ok(strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0, "strncmp");
    tap_ok(*strchr("abc", 'b') == 'b' && strchr("abc", 'd') == NULL && *strchr("abc", 0) == 0,
           "strchr");
    tap_ok(strtol("-12", NULL, 10) == -12 && strtol("0x1F", NULL, 0) == 31 &&
               strtoul("ff", NULL, 16) == 255 && strtol("0x", &end, 0) == 0,
           "strtol");
    strtol("12ab", &end, 10);
    tap_ok(strcmp(end, "ab") == 0, "strtol stops at what is no digit");
    strtol("none", &end, 10);
    tap_ok(strcmp(end, "none") == 0, "strtol without a digit");
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    test_formats();
    test_memory();
    test_strings();
    return tap_done();
}
