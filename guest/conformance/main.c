/* SPDX-License-Identifier: MIT
 * conform [--list | --except=NAME,... | NAME...]: tests claims, one line of TAP for each. */

#include "internal.h"

/* The linker's bounds of the section that CLAIM() fills. */
extern const struct claim __start_claims[], __stop_claims[];

/* The base name of the file, without its ".c". */
static size_t name_length(const struct claim *claim)
{
    return strlen(claim->file) - 2;
}

static bool has_name(const struct claim *claim, const char *name, size_t length)
{
    return length == name_length(claim) && strncmp(claim->file, name, length) == 0;
}

static const struct claim *find(const char *name)
{
    for (const struct claim *claim = __start_claims; claim < __stop_claims; claim++)
        if (has_name(claim, name, strlen(name)))
            return claim;
    return NULL;
}

static bool is_listed(const struct claim *claim, const char *list)
{
    while (*list) {
        const char *comma = strchr(list, ',');
        size_t length = comma ? (size_t)(comma - list) : strlen(list);

        if (has_name(claim, list, length))
            return true;
        list += length + (comma != NULL);
    }
    return false;
}

static void print_list(void)
{
    for (const struct claim *claim = __start_claims; claim < __stop_claims; claim++)
        printf("%.*s\n", (int)name_length(claim), claim->file);
}

static unsigned number, worst;
static bool all_skipped = true;

static void test(const struct claim *claim)
{
    static const unsigned rank[] = {[PASS] = 0, [SKIPPED] = 0, [FAIL] = 1, [ERROR] = 2};
    enum outcome outcome = run_claim(claim, number);

    report_claim(outcome, ++number, claim->file, (int)name_length(claim));
    all_skipped &= outcome == SKIPPED;
    if (rank[outcome] > worst)
        worst = rank[outcome];
}

static int status(void)
{
    printf("1..%u\n", number);
    if (worst)
        return worst == 1 ? EXIT_FAIL : EXIT_ERROR;
    return all_skipped ? EXIT_SKIP : EXIT_PASS;
}

static int usage(void)
{
    eprintf("usage: conform [--list | --except=NAME,... | NAME...]\n"
            "Exit status: 0 all pass, 1 one fails, 77 all are skipped, 99 one could not be tested "
            "or is unknown.\n");
    return EXIT_ERROR;
}

int main(int argc, char **argv)
{
    const char *except = "";

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        print_list();
        return EXIT_PASS;
    }
    if (argc == 2 && strncmp(argv[1], "--except=", 9) == 0)
        except = argv[1] + 9;
    else if (argc > 1 && argv[1][0] == '-')
        return usage();
    else if (argc > 1)
        except = NULL;
    for (int i = 1; !except && i < argc; i++) {
        if (!find(argv[i])) {
            eprintf("conform: no claim '%s'; conform --list has them all\n", argv[i]);
            return EXIT_ERROR;
        }
    }
    prepare_claims();
    for (int i = 1; !except && i < argc; i++)
        test(find(argv[i]));
    for (const struct claim *claim = __start_claims; except && claim < __stop_claims; claim++)
        if (!is_listed(claim, except))
            test(claim);
    return status();
}
