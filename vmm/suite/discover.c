/* SPDX-License-Identifier: MIT
 * Finding tests: bundled programs, ELF files, directories of them, suite files. */
#include "discover.h"
#include "bundle/bundle.h"
#include "kinds.h"
#include "loader/elf64.h"
#include "trace/ctf/metadata.h"

#include <dirent.h>
#include <errno.h>
#include <ringscope/abi.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (INT64_C(64) << 20)

/* Bundled programs that report claims; the others are examples, or end in ways of their own. */
static const char *const bundled[] = {
    "exceptions", "files",    "gates",    "memory",  "processes",
    "runtime",    "sections", "services", "threads",
};

static int out_of_memory(struct rs_error *error)
{
    return rs_error_set(error, RS_EXIT_HOST, "out of memory");
}

static int name_taken(const struct rs_suite *suite, const char *name)
{
    for (size_t i = 0; i < suite->count; i++)
        if (strcmp(suite->tests[i].name, name) == 0)
            return 1;
    return 0;
}

static int make_room(struct rs_suite *suite)
{
    size_t room = suite->room ? 2 * suite->room : 64;
    struct rs_test *tests;

    if (suite->count < suite->room)
        return 0;
    tests = realloc(suite->tests, room * sizeof(*tests));
    if (!tests)
        return -1;
    suite->tests = tests;
    suite->room = room;
    return 0;
}

/* Words are separated by blanks; there is no quoting. */
static int split(struct rs_test *test, const char *name, const char *arguments,
                 struct rs_error *error)
{
    size_t count = 0;
    char *rest, *word;

    if (asprintf(&test->line, "%s %s", name, arguments ? arguments : "") < 0) {
        test->line = NULL;
        return out_of_memory(error);
    }
    rest = test->line;
    test->arguments[count++] = rest;
    rest += strlen(name);
    *rest++ = '\0';
    while ((word = strsep(&rest, " \t")) != NULL) {
        if (!*word)
            continue;
        if (count > RS_TEST_ARGUMENTS_MAX)
            return rs_error_set(error, RS_EXIT_USAGE, "test '%s': at most %d arguments", name,
                                RS_TEST_ARGUMENTS_MAX);
        test->arguments[count++] = word;
    }
    return 0;
}

static char *full_name(const char *name, const char *arguments)
{
    char *full;

    if (asprintf(&full, "%s%s%s", name, arguments ? " " : "", arguments ? arguments : "") < 0)
        return NULL;
    return full;
}

/* Files of one name from different directories keep their paths apart. */
static int name_test(struct rs_suite *suite, struct rs_test *test, const char *name,
                     const struct rs_named *place, struct rs_error *error)
{
    test->name = full_name(name, place->arguments);
    if (test->name && name_taken(suite, test->name)) {
        free(test->name);
        test->name = full_name(place->path, place->arguments);
    }
    test->path = test->bytes ? strdup(place->path) : NULL;
    if (!test->name || (test->bytes && !test->path))
        return out_of_memory(error);
    if (name_taken(suite, test->name))
        return rs_error_set(error, RS_EXIT_USAGE, "test '%s' is named twice", test->name);
    test->file.name = test->name;
    return split(test, name, place->arguments, error);
}

static int copy_word(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return from && !*to ? -1 : 0;
}

static int annotate(struct rs_test *test, const struct rs_named *place, struct rs_error *error)
{
    if (copy_word(&test->needs, place->needs) != 0 || copy_word(&test->xfail, place->xfail) != 0 ||
        copy_word(&test->ends, place->ends) != 0)
        return out_of_memory(error);
    return 0;
}

/* Takes over what `test` owns, when it succeeds. */
static int add_test(struct rs_suite *suite, const char *name, const struct rs_named *place,
                    struct rs_test test, struct rs_error *error)
{
    if (make_room(suite) != 0)
        return out_of_memory(error);
    if (name_test(suite, &test, name, place, error) == 0 && annotate(&test, place, error) == 0) {
        suite->tests[suite->count++] = test;
        return 0;
    }
    free(test.name);
    free(test.path);
    free(test.line);
    free(test.needs);
    free(test.xfail);
    free(test.ends);
    return -1;
}

static int add_bundled(struct rs_suite *suite, const struct rs_blob *program,
                       const struct rs_named *place, struct rs_error *error)
{
    return add_test(suite, program->name, place,
                    (struct rs_test){.file = *program, .kind = &rs_kind_program}, error);
}

int rs_suite_add_bundled(struct rs_suite *suite, struct rs_error *error)
{
    for (size_t i = 0; i < sizeof(bundled) / sizeof(bundled[0]); i++)
        if (add_bundled(suite, rs_bundle_program(bundled[i]),
                        &(struct rs_named){.path = bundled[i]}, error) != 0)
            return -1;
    return 0;
}

/* A program of ring 3 lies where its kernel does not; a module lies in kernel space, and a kernel
 * in low memory. NULL: *error says why. */
static const struct rs_test_kind *kind_of(const char *path, const void *bytes, size_t size,
                                          struct rs_error *error)
{
    const struct rs_blob *kernel = rs_bundle_kernel();
    struct rs_elf64_image image;
    struct rs_elf64_error elf;

    if (rs_elf64_parse(bytes, size, &image, &elf) == 0) {
        if (rs_elf64_is_module(&image)) {
            if (rs_elf64_check_module(&image, rs_ctf_hash(kernel->bytes, kernel->size), &elf) == 0)
                return &rs_kind_module;
            rs_error_set(error, RS_EXIT_IMAGE, "test '%s': %s", path, elf.message);
            return NULL;
        }
        if (rs_elf64_check_program(&image, &elf) == 0 && image.entry >= RS_GVA_PROGRAM)
            return &rs_kind_program;
        if (rs_elf64_check_kernel(&image, RS_GPA_BOOT_TABLES_END, RS_RAM_MIN, &elf) == 0)
            return &rs_kind_bare;
    }
    rs_error_set(error, RS_EXIT_IMAGE,
                 "test '%s' is an ELF file, but neither a program of ring 3 nor a module nor a "
                 "64-bit kernel",
                 path);
    return NULL;
}

/* The SDK's EXPECT_TRACE leaves a note. */
static bool expects_trace(const void *bytes, size_t size)
{
    struct rs_elf64_image image;
    struct rs_elf64_error elf;
    struct rs_elf64_notes notes;
    struct rs_elf64_note note;

    if (rs_elf64_parse(bytes, size, &image, &elf) != 0)
        return false;
    rs_elf64_notes_begin(&image, &notes);
    while (rs_elf64_notes_next(&notes, &note))
        if (note.type == RS_NOTE_EXPECTS_TRACE && note.name_size == sizeof(RS_BOOT_NOTE_NAME) &&
            memcmp(note.name, RS_BOOT_NOTE_NAME, sizeof(RS_BOOT_NOTE_NAME)) == 0)
            return true;
    return false;
}

static bool is_elf(const char *bytes, size_t size)
{
    return size > 4 && memcmp(bytes, "\177ELF", 4) == 0;
}

/* The caller frees it. NULL: *error says why. */
static char *read_file(const char *path, size_t *size, struct rs_error *error)
{
    FILE *file = fopen(path, "re");
    struct stat status;
    char *bytes;

    if (!file) {
        rs_error_errno(error, errno == ENOENT ? RS_EXIT_NOT_FOUND : RS_EXIT_IMAGE, errno,
                       "test '%s'", path);
        return NULL;
    }
    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size > FILE_MAX) {
        fclose(file);
        rs_error_set(error, RS_EXIT_IMAGE, "test '%s' is not a regular file of at most 64 MiB",
                     path);
        return NULL;
    }
    bytes = malloc((size_t)status.st_size + 1);
    *size = bytes ? fread(bytes, 1, (size_t)status.st_size, file) : 0;
    fclose(file);
    if (!bytes) {
        (void)out_of_memory(error);
        return NULL;
    }
    bytes[*size] = '\0';
    return bytes;
}

static int add_elf(struct rs_suite *suite, const struct rs_named *place, char *bytes, size_t size,
                   struct rs_error *error)
{
    struct rs_test test = {
        .kind = kind_of(place->path, bytes, size, error),
        .file = {.bytes = bytes, .size = size},
        .bytes = bytes,
        .traced = expects_trace(bytes, size),
    };

    if (!test.kind)
        return -1;
    return add_test(suite, rs_base_name(place->path), place, test, error);
}

static int add_file(struct rs_suite *suite, const struct rs_named *place, struct rs_error *error)
{
    size_t size;
    char *bytes = read_file(place->path, &size, error);
    int result;

    if (!bytes)
        return -1;
    if (is_elf(bytes, size)) {
        result = add_elf(suite, place, bytes, size, error);
        if (result != 0)
            free(bytes);
        return result;
    }
    result = strlen(bytes) == size
                 ? rs_suite_add_file(suite, place, bytes, error)
                 : rs_error_set(error, RS_EXIT_IMAGE,
                                "test '%s' is neither an ELF file nor a suite file", place->path);
    free(bytes);
    return result;
}

/* Of a directory the ELF files, by name; what else lies there is not meant. */
static int add_entry(struct rs_suite *suite, const struct rs_named *directory, const char *name,
                     struct rs_error *error)
{
    char path[4096], start[5] = "";
    struct stat status;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", directory->path, name);
    if (name[0] == '.' || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    file = fopen(path, "re");
    if (!file || fread(start, 1, 4, file) != 4)
        start[0] = '\0';
    if (file)
        fclose(file);
    if (memcmp(start, "\177ELF", 4) != 0)
        return 0;
    return add_file(suite, &(struct rs_named){.path = path, .arguments = directory->arguments},
                    error);
}

static int add_directory(struct rs_suite *suite, const struct rs_named *place,
                         struct rs_error *error)
{
    const char *path = place->path;
    struct dirent **entries = NULL;
    size_t before = suite->count;
    int count = scandir(path, &entries, NULL, alphasort), result = 0;

    if (count < 0)
        return rs_error_errno(error, RS_EXIT_NOT_FOUND, errno, "tests in '%s'", path);
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = add_entry(suite, place, entries[i]->d_name, error);
        free(entries[i]);
    }
    free(entries);
    if (result == 0 && suite->count == before)
        return rs_error_set(error, RS_EXIT_NOT_FOUND, "no ELF file in '%s': nothing to test", path);
    return result;
}

int rs_suite_add_place(struct rs_suite *suite, const struct rs_named *place, struct rs_error *error)
{
    const struct rs_blob *program =
        strchr(place->path, '/') ? NULL : rs_bundle_program(place->path);
    struct stat status;

    if (program)
        return add_bundled(suite, program, place, error);
    if (stat(place->path, &status) != 0)
        return rs_error_errno(error, RS_EXIT_NOT_FOUND, errno,
                              "test '%s': neither a bundled program nor a path", place->path);
    return S_ISDIR(status.st_mode) ? add_directory(suite, place, error)
                                   : add_file(suite, place, error);
}

int rs_suite_add(struct rs_suite *suite, const char *path, struct rs_error *error)
{
    return rs_suite_add_place(suite, &(struct rs_named){.path = path}, error);
}
