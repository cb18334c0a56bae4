/* SPDX-License-Identifier: MIT
 * --keys: from a text, or from stdin, to the keys of the guest's keyboard. */
#include "keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STDIN_CHUNK 64 /* characters */
#define ALLOWED "characters of the US layout, and \\n \\t \\e \\\\; or - for stdin"

/* The next character of the text, which is not at its end. NULL: an escape without a meaning. */
static const char *next_character(const char *text, char *character)
{
    static const char escapes[] = "nte\\", meanings[] = "\n\t\x1b\\";
    const char *escape;

    *character = *text;
    if (*text != '\\')
        return text + 1;
    escape = text[1] ? strchr(escapes, text[1]) : NULL;
    if (!escape)
        return NULL;
    *character = meanings[escape - escapes];
    return text + 2;
}

int rs_keys_check(const char *text, struct rs_error *error)
{
    uint8_t codes[RS_KEY_CODES_MAX];
    char character;

    if (strcmp(text, RS_KEYS_STDIN) == 0)
        return 0;
    for (const char *at = text, *next; *at; at = next) {
        size_t offset = (size_t)(at - text);

        next = next_character(at, &character);
        if (!next)
            return rs_error_set(error, RS_EXIT_USAGE,
                                "--keys: '\\%.1s' at byte %zu is no escape: " ALLOWED, at + 1,
                                offset);
        if (rs_key_codes(character, codes) == 0)
            return rs_error_set(error, RS_EXIT_USAGE,
                                "--keys: no key has byte %#04x at byte %zu: " ALLOWED,
                                (unsigned char)character, offset);
    }
    return 0;
}

void rs_typist_init(struct rs_typist *typist, const char *text)
{
    bool from_stdin = text && strcmp(text, RS_KEYS_STDIN) == 0;

    *typist = (struct rs_typist){.text = from_stdin ? NULL : text, .from_stdin = from_stdin};
}

void rs_typist_type(struct rs_typist *typist, struct rs_i8042 *keyboard)
{
    uint8_t codes[RS_KEY_CODES_MAX];
    char character;

    while (typist->text && *typist->text && rs_i8042_room(keyboard) >= RS_KEY_CODES_MAX) {
        typist->text = next_character(typist->text, &character);
        if (typist->text)
            rs_i8042_type(keyboard, codes, rs_key_codes(character, codes));
    }
}

bool rs_typist_wants_stdin(const struct rs_typist *typist, struct rs_i8042 *keyboard)
{
    return typist->from_stdin && !typist->ended &&
           rs_i8042_room(keyboard) >= STDIN_CHUNK * RS_KEY_CODES_MAX;
}

static void leave_out(struct rs_typist *typist, char character)
{
    if (!typist->told)
        fprintf(stderr, "ringscope: --keys=-: no key has byte %#04x: such bytes are left out\n",
                (unsigned char)character);
    typist->told = true;
}

void rs_typist_read(struct rs_typist *typist, struct rs_i8042 *keyboard)
{
    uint8_t codes[RS_KEY_CODES_MAX];
    char characters[STDIN_CHUNK];
    ssize_t count = read(STDIN_FILENO, characters, sizeof(characters));

    typist->ended = count == 0 || (count < 0 && errno != EINTR);
    for (ssize_t i = 0; i < count; i++) {
        size_t code_count = rs_key_codes(characters[i], codes);

        if (code_count == 0)
            leave_out(typist, characters[i]);
        rs_i8042_type(keyboard, codes, code_count);
    }
}
