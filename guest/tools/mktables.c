/* SPDX-License-Identifier: MIT
 * Usage: mktables OUTPUT.S             tables with every address 0, for the first link
 *        mktables OUTPUT.S KERNEL      tables with the addresses of that link
 *        mktables --check FIRST SECOND OUTPUT
 *                 copies SECOND to OUTPUT if no symbol has moved between the two links */

#include "mktables.h"

#include <stdlib.h>
#include <string.h>

static bool write_tables(const char *path, struct image *image)
{
    FILE *out = fopen(path, "w");
    bool done;

    if (!out) {
        perror(path);
        return false;
    }
    fprintf(out, "/* Written by mktables from the vector, service and symbol tables. */\n");
    write_descriptor_tables(out, image);
    write_processor_area(out, image);
    write_service_tables(out, image);
    done = write_symbol_table(out, image) && write_page_tables(out, image);
    fprintf(out, "    .section .note.GNU-stack, \"\", @progbits\n");
    if (image_missing) {
        fprintf(stderr, "mktables: %u symbols are missing\n", image_missing);
        done = false;
    }
    return fclose(out) == 0 && done;
}

/* Both lists are sorted by address and have the same names, or something has moved. */
static bool same_symbols(const struct image *first, const struct image *second)
{
    if (first->symbol_count != second->symbol_count) {
        fprintf(stderr, "mktables: %zu symbols became %zu\n", first->symbol_count,
                second->symbol_count);
        return false;
    }
    for (size_t i = 0; i < first->symbol_count; i++) {
        const struct symbol *a = &first->symbols[i], *b = &second->symbols[i];

        if (strcmp(a->name, b->name) != 0 || a->address != b->address || a->size != b->size) {
            fprintf(stderr, "mktables: %s at %#lx became %s at %#lx\n", a->name,
                    (unsigned long)a->address, b->name, (unsigned long)b->address);
            return false;
        }
    }
    return true;
}

static bool copy_checked(const char *first_path, const char *second_path, const char *output)
{
    struct image first = {0}, second = {0};
    FILE *out = NULL;
    bool done = image_load(&first, first_path) && image_load(&second, second_path) &&
                same_symbols(&first, &second);

    if (done) {
        out = fopen(output, "wb");
        done = out && fwrite(second.file, 1, second.file_size, out) == second.file_size;
    }
    if (out && fclose(out) != 0)
        done = false;
    image_free(&first);
    image_free(&second);
    return done;
}

int main(int argc, char **argv)
{
    struct image image = {0};
    bool done;

    if (argc == 5 && strcmp(argv[1], "--check") == 0)
        return copy_checked(argv[2], argv[3], argv[4]) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: mktables OUTPUT.S [KERNEL] | --check FIRST SECOND OUTPUT\n");
        return EXIT_FAILURE;
    }
    done = (argc == 2 || image_load(&image, argv[2])) && write_tables(argv[1], &image);
    image_free(&image);
    if (!done)
        remove(argv[1]);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
