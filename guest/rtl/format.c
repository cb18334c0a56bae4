/* SPDX-License-Identifier: MIT
 * printf-style formatting into a sink. */

#include "rtl.h"

#include <stdbool.h>

struct output {
    rtl_put *put;
    void *sink;
    int count;
};

struct conversion {
    bool left, zero, plus, alternate;
    int width;
    int precision; /* -1: none */
    int length;    /* -2 hh, -1 h, 0 int, 1 and more: 64 bits */
};

#define DIGITS_MAX 24

static void emit(struct output *out, const char *text, size_t size)
{
    if (size)
        out->put(out->sink, text, size);
    out->count += (int)size;
}

static void pad(struct output *out, char character, int count)
{
    for (; count > 0; count--)
        emit(out, &character, 1);
}

static const char *parse_number(const char *format, va_list *arguments, int *number)
{
    *number = 0;
    if (*format == '*') {
        *number = va_arg(*arguments, int);
        return format + 1;
    }
    for (; *format >= '0' && *format <= '9'; format++)
        *number = *number * 10 + (*format - '0');
    return format;
}

static const char *parse(const char *format, va_list *arguments, struct conversion *c)
{
    *c = (struct conversion){.precision = -1};
    for (;; format++) {
        if (*format == '-')
            c->left = true;
        else if (*format == '0')
            c->zero = true;
        else if (*format == '+')
            c->plus = true;
        else if (*format == '#')
            c->alternate = true;
        else
            break;
    }
    format = parse_number(format, arguments, &c->width);
    if (c->width < 0) {
        c->left = true;
        c->width = -c->width;
    }
    if (*format == '.')
        format = parse_number(format + 1, arguments, &c->precision);
    for (; *format == 'h' || *format == 'l' || *format == 'z'; format++)
        c->length += *format == 'h' ? -1 : 1;
    return format;
}

/* prefix, zeros, digits with the padding on the side that was asked for */
static void emit_field(struct output *out, const struct conversion *c, const char *prefix,
                       int zeros, const char *text, size_t size)
{
    int blank = c->width - (int)(strlen(prefix) + size) - zeros;

    if (!c->left)
        pad(out, ' ', blank);
    emit(out, prefix, strlen(prefix));
    pad(out, '0', zeros);
    emit(out, text, size);
    if (c->left)
        pad(out, ' ', blank);
}

static void emit_number(struct output *out, const struct conversion *c, uint64_t value,
                        unsigned base, const char *digits, const char *prefix)
{
    char text[DIGITS_MAX];
    char *start = text + DIGITS_MAX;
    int size, zeros;

    do {
        *--start = digits[value % base];
        value /= base;
    } while (value);
    size = (int)(text + DIGITS_MAX - start);
    if (c->precision >= 0)
        zeros = c->precision - size;
    else
        zeros = c->zero && !c->left ? c->width - size - (int)strlen(prefix) : 0;
    emit_field(out, c, prefix, zeros > 0 ? zeros : 0, start, (size_t)size);
}

static int64_t signed_argument(va_list *arguments, int length)
{
    if (length > 0)
        return va_arg(*arguments, int64_t);
    int value = va_arg(*arguments, int);
    return length == 0 ? value : length == -1 ? (short)value : (signed char)value;
}

static uint64_t unsigned_argument(va_list *arguments, int length)
{
    if (length > 0)
        return va_arg(*arguments, uint64_t);
    unsigned value = va_arg(*arguments, unsigned);
    return length == 0 ? value : length == -1 ? value & 0xffff : value & 0xff;
}

static void emit_string(struct output *out, const struct conversion *c, const char *text)
{
    size_t size = 0;

    if (!text)
        text = "(null)";
    while ((c->precision < 0 || size < (size_t)c->precision) && text[size])
        size++;
    emit_field(out, c, "", 0, text, size);
}

static void convert(struct output *out, const struct conversion *c, char kind, va_list *arguments)
{
    static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    char character;
    int64_t number;

    switch (kind) {
    case 'd':
    case 'i':
        number = signed_argument(arguments, c->length);
        emit_number(out, c, number < 0 ? -(uint64_t)number : (uint64_t)number, 10, lower,
                    number < 0 ? "-"
                    : c->plus  ? "+"
                               : "");
        break;
    case 'u':
        emit_number(out, c, unsigned_argument(arguments, c->length), 10, lower, "");
        break;
    case 'x':
    case 'X':
        emit_number(out, c, unsigned_argument(arguments, c->length), 16,
                    kind == 'x' ? lower : upper, c->alternate ? "0x" : "");
        break;
    case 'p':
        emit_number(out, c, (uint64_t)va_arg(*arguments, void *), 16, lower, "0x");
        break;
    case 's':
        emit_string(out, c, va_arg(*arguments, const char *));
        break;
    case 'c':
        character = (char)va_arg(*arguments, int);
        emit_field(out, c, "", 0, &character, 1);
        break;
    default: /* %% and whatever is not known */
        emit(out, &kind, 1);
        break;
    }
}

int RtlFormat(rtl_put *put, void *sink, const char *format, va_list arguments)
{
    struct output out = {put, sink, 0};
    va_list copy;

    va_copy(copy, arguments);
    while (*format) {
        const char *start = format;
        struct conversion c;

        while (*format && *format != '%')
            format++;
        emit(&out, start, (size_t)(format - start));
        if (*format != '%')
            break;
        format = parse(format + 1, &copy, &c);
        if (*format == 0)
            break;
        convert(&out, &c, *format++, &copy);
    }
    va_end(copy);
    return out.count;
}
