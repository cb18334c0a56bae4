/* SPDX-License-Identifier: MIT
 * JSON strings (RFC 8259, section 7, "Strings") of bytes that nobody has checked. */
#include "json.h"

#include <inttypes.h>
#include <string.h>

/* RFC 3629, section 4, "Syntax of UTF-8 Byte Sequences": what may follow a lead byte. */
struct sequence {
    unsigned char first, last; /* lead bytes */
    unsigned char least, most; /* range of the byte behind; any others are 80..BF */
    unsigned char length;
};

static const struct sequence sequences[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the character at `at`, 0 when they are not UTF-8. */
static size_t character(const unsigned char *at, size_t size)
{
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        const struct sequence *sequence = &sequences[i];

        if (*at < sequence->first || *at > sequence->last)
            continue;
        if (sequence->length > size)
            return 0;
        for (size_t next = 1; next < sequence->length; next++)
            if (at[next] < (next == 1 ? sequence->least : 0x80) ||
                at[next] > (next == 1 ? sequence->most : 0xbf))
                return 0;
        return sequence->length;
    }
    return 0;
}

static void put_ascii(FILE *file, unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        fputc('\\', file);
        fputc(byte, file);
        break;
    case '\n':
        fputs("\\n", file);
        break;
    case '\r':
        fputs("\\r", file);
        break;
    case '\t':
        fputs("\\t", file);
        break;
    default:
        if (byte < ' ' || byte == 0x7f)
            fprintf(file, "\\u%04x", byte);
        else
            fputc(byte, file);
    }
}

void rs_json_bytes(FILE *file, const char *bytes, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;

    fputc('"', file);
    while (size > 0) {
        size_t length = character(at, size);

        if (length == 0)
            fputs("\\ufffd", file);
        else if (length == 1)
            put_ascii(file, *at);
        else
            fwrite(at, 1, length, file);
        length = length ? length : 1;
        at += length;
        size -= length;
    }
    fputc('"', file);
}

void rs_json_string(FILE *file, const char *string)
{
    rs_json_bytes(file, string, strlen(string));
}

void rs_json_integer(FILE *file, uint64_t value)
{
    fprintf(file, value > RS_JSON_INTEGER_MAX ? "\"%" PRIu64 "\"" : "%" PRIu64, value);
}

void rs_json_hex(FILE *file, uint64_t value)
{
    fprintf(file, "\"0x%" PRIx64 "\"", value);
}
