/* SPDX-License-Identifier: MIT
 * Symbol tables and debug information of images from anywhere, by elfutils: an input is a list of
 * changes to a sound image, or an image itself. */
#include "fuzz.h"
#include "symbols/symbols.h"

#include <string.h>

#define IMAGE_MAX (64u << 10)
#define SOUND_FILE "symbols/sound.elf"

static uint8_t sound[IMAGE_MAX];
static size_t sound_size;

/* FUZZ_CORPUS: the directory in the tree. */
static void load_sound(void)
{
    const char *directory = getenv("FUZZ_CORPUS");
    char path[512];
    FILE *file;

    FUZZ_CHECK(directory != NULL);
    snprintf(path, sizeof(path), "%s/%s", directory, SOUND_FILE);
    file = fopen(path, "rb");
    FUZZ_CHECK(file != NULL);
    sound_size = fread(sound, 1, sizeof(sound), file);
    fclose(file);
    FUZZ_CHECK(sound_size > 100);
}

static void on_member(void *context, const char *name, uint64_t offset, uint64_t size)
{
    (void)offset;
    (void)size;
    *(size_t *)context += name ? strlen(name) : 0;
}

static void check_printable(const char *text)
{
    for (; *text; text++)
        FUZZ_CHECK(*text >= ' ' && *text <= '~');
}

static void look_up(const struct rs_symbols *symbols, uint64_t address)
{
    char text[RS_SYMBOL_TEXT_MAX], message[RS_SYMBOL_TEXT_MAX];
    uint64_t first, last;
    struct rs_symbol symbol;

    if (rs_symbols_format(symbols, address, text, sizeof(text)))
        (void)rs_symbols_resolve(symbols, text, strlen(text), &first, &last, message,
                                 sizeof(message));
    check_printable(text);
    if (rs_symbols_line(symbols, address, text, sizeof(text)))
        check_printable(text);
    if (rs_symbols_object(symbols, address, &symbol))
        check_printable(symbol.text);
}

static void use(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"main", "f!main", "state", "f!state", "f", "f!main+0x1"};
    struct rs_blob blob = {"f", bytes, size};
    struct rs_symbols *symbols = rs_symbols_new();
    char message[RS_SYMBOL_TEXT_MAX];
    uint64_t first, last;
    struct rs_symbol symbol;
    size_t length = 0;

    FUZZ_CHECK(symbols != NULL);
    if (rs_symbols_add(symbols, &blob) == 0) {
        for (uint64_t address = 0x400000; address < 0x400400; address += 13)
            look_up(symbols, address);
        look_up(symbols, 0);
        look_up(symbols, UINT64_MAX);
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            (void)rs_symbols_resolve(symbols, names[i], strlen(names[i]), &first, &last, message,
                                     sizeof(message));
            (void)rs_symbols_find(symbols, names[i], &symbol);
        }
        (void)rs_symbols_members(symbols, "state", on_member, &length);
    }
    rs_symbols_free(symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    uint8_t *copy;

    if (sound_size == 0)
        load_sound();
    if (size > 4 && memcmp(data, "\177ELF", 4) == 0) {
        use(data, size);
        return 0;
    }
    copy = malloc(sound_size);
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, sound, sound_size);
    while (input.next < input.end) {
        size_t at = fuzz_take(&input, 2) % sound_size;

        copy[at] = (uint8_t)fuzz_take(&input, 1);
    }
    use(copy, sound_size);
    free(copy);
    return 0;
}
