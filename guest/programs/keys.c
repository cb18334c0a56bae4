/* SPDX-License-Identifier: MIT
 * Reads the keyboard and prints each line. Usage: keys [LINES]: so many lines (1). */

#include "wide.h"

#define LINE_MAX 512

struct line {
    char text[LINE_MAX];
    unsigned length;
    unsigned long left; /* lines to come */
};

/* What cannot be seen is printed as C writes it. */
static void print_line(const struct line *line)
{
    printf("keys: %u characters: ", line->length);
    for (unsigned i = 0; i < line->length; i++) {
        if (line->text[i] >= ' ')
            printf("%c", line->text[i]);
        else
            printf("\\x%02x", (unsigned)line->text[i]);
    }
    printf("\n");
}

static void take(struct line *line, char character)
{
    if (character == '\b' && line->length) {
        line->length--;
    } else if (character == '\n') {
        print_line(line);
        line->length = 0;
        line->left--;
    } else if (line->length < LINE_MAX) {
        line->text[line->length++] = character;
    }
}

int main(int argc, char **argv)
{
    struct line line = {.left = argc > 1 ? strtoul(argv[1], NULL, 10) : 1};
    struct wide_name name = wide_name("\\Device\\Keyboard");
    struct io_status_block io_status;
    char buffer[64];
    HANDLE keyboard;
    NTSTATUS status = NtOpenFile(&keyboard, FILE_READ_DATA | SYNCHRONIZE, wide_attributes(&name),
                                 &io_status, FILE_SHARE_READ, 0);

    while (NT_SUCCESS(status) && line.left) {
        status =
            NtReadFile(keyboard, NULL, NULL, NULL, &io_status, buffer, sizeof(buffer), NULL, NULL);
        for (unsigned i = 0; NT_SUCCESS(status) && line.left && i < io_status.Information; i++)
            take(&line, buffer[i]);
    }
    return NT_SUCCESS(status) ? NtClose(keyboard) : status;
}
