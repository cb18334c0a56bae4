/* SPDX-License-Identifier: MIT
 * Text to numbers. */

#include "ntdll.h"

static int digit_value(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return 16;
}

static bool has_hex_prefix(const char *string)
{
    return string[0] == '0' && (string[1] == 'x' || string[1] == 'X') &&
           digit_value(string[2]) < 16;
}

unsigned long strtoul(const char *string, char **end, int base)
{
    const char *start = string;
    unsigned long value = 0;
    bool negative = *string == '-', any = false;

    if (*string == '-' || *string == '+')
        string++;
    if ((base == 0 || base == 16) && has_hex_prefix(string)) {
        base = 16;
        string += 2;
    }
    if (base == 0)
        base = 10;
    for (; digit_value(*string) < base; string++, any = true)
        value = value * (unsigned long)base + (unsigned long)digit_value(*string);
    if (end)
        *end = (char *)(uintptr_t)(any ? string : start);
    return negative ? -value : value;
}

long strtol(const char *string, char **end, int base)
{
    return (long)strtoul(string, end, base);
}
