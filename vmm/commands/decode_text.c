/* SPDX-License-Identifier: MIT
 * A decoded value as aligned text. */
#include "decode.h"

#include <inttypes.h>
#include <string.h>

#define COLOUR_WRONG "\033[31m"
#define COLOUR_OFF "\033[0m"
#define HEADING_WORDS 2 /* a TSS has too many for one line */

struct widths {
    int bits, name, value;
};

static int value_text(uint64_t value, char *text, size_t size)
{
    return snprintf(text, size, value > 9 ? "%#" PRIx64 : "%" PRIx64, value);
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static struct widths measure(const struct rs_decoded *decoded)
{
    struct widths widths = {0};

    for (unsigned i = 0; i < decoded->count; i++) {
        const struct rs_decoded_field *field = &decoded->fields[i];
        char text[24];

        widths.bits = larger(widths.bits, (int)strlen(field->bits));
        widths.name = larger(widths.name, (int)strlen(field->name));
        widths.value = larger(widths.value, value_text(field->value, text, sizeof(text)));
    }
    return widths;
}

static void print_field(const struct rs_decoded_field *field, struct widths widths, bool colour,
                        FILE *out)
{
    char value[24];

    value_text(field->value, value, sizeof(value));
    fprintf(out, "  %-*s  %-*s  ", widths.bits, field->bits, widths.name, field->name);
    if (field->wrong)
        fprintf(out, "%-*s  %s! %s%s\n", widths.value, value, colour ? COLOUR_WRONG : "",
                field->meaning, colour ? COLOUR_OFF : "");
    else if (field->meaning[0])
        fprintf(out, "%-*s  %s\n", widths.value, value, field->meaning);
    else
        fprintf(out, "%s\n", value);
}

/* As WinDbg has quadwords: the two halves apart. */
static void print_heading(const struct rs_decode_kind *kind, const struct rs_decode_input *input,
                          FILE *out)
{
    fprintf(out, "%s", kind->name);
    for (unsigned i = 0; i < input->count && input->count <= HEADING_WORDS; i++) {
        if (kind->width == 64)
            fprintf(out, " %08" PRIx64 "`%08" PRIx64, input->words[i] >> 32,
                    input->words[i] & UINT32_MAX);
        else
            fprintf(out, " %#" PRIx64, input->words[i]);
    }
    fprintf(out, "  [%s]\n", kind->source);
}

void rs_decode_text(const struct rs_decode_kind *kind, const struct rs_decode_input *input,
                    const struct rs_decoded *decoded, bool colour, FILE *out)
{
    struct widths widths = measure(decoded);

    print_heading(kind, input, out);
    fprintf(out, "%s\n", decoded->summary[0] ? decoded->summary : "nothing is set");
    for (unsigned i = 0; i < decoded->count; i++)
        print_field(&decoded->fields[i], widths, colour, out);
}
