/* SPDX-License-Identifier: MIT
 * Runs a fuzz target without libFuzzer: a fixed number of pseudo-random inputs, always the same,
 * each followed by variations of it. Usage: fuzz_TARGET [INPUTS | FILE...] */
#include "fuzz.h"

#include <string.h>

#define INPUT_MAX 512
#define INPUTS 50000
#define VARIATIONS 8

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static uint64_t random_number(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

static size_t random_input(uint8_t *input)
{
    /* Short inputs are as likely as long ones: they reach other paths. */
    size_t size = (size_t)(random_number() % (UINT64_C(2) << random_number() % 9));

    for (size_t i = 0; i < size; i++)
        input[i] = (uint8_t)(random_number() >> 32);
    return size;
}

/* The target gets a copy of exact size, so that a sanitizer sees a read past its end. */
static void run(const uint8_t *input, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (copy == NULL)
        abort();
    memcpy(copy, input, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_random(unsigned long inputs)
{
    uint8_t input[INPUT_MAX];

    for (unsigned long i = 0; i < inputs; i++) {
        size_t size = random_input(input);

        run(input, size);
        for (unsigned j = 0; size > 0 && j < VARIATIONS; j++) {
            input[random_number() % size] = (uint8_t)(random_number() >> 32);
            run(input, size);
        }
    }
    printf("%lu inputs, %u variations of each\n", inputs, VARIATIONS);
}

/* An input that a fuzzer has saved. */
static int run_file(const char *name)
{
    static uint8_t input[1 << 16];
    FILE *file = fopen(name, "rb");
    size_t size;

    if (file == NULL) {
        perror(name);
        return EXIT_FAILURE;
    }
    size = fread(input, 1, sizeof(input), file);
    fclose(file);
    run(input, size);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    unsigned long inputs = argc > 1 ? strtoul(argv[1], &end, 10) : INPUTS;

    if (end == NULL || (argc == 2 && *end == '\0')) {
        run_random(inputs);
        return EXIT_SUCCESS;
    }
    for (int i = 1; i < argc; i++)
        if (run_file(argv[i]) != EXIT_SUCCESS)
            return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
