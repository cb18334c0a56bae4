/* SPDX-License-Identifier: MIT
 * Results of `ringscope bench` as files from anywhere, and gates as users type them. */
#include "bench/compare.h"
#include "bench/gate.h"
#include "bench/plot.h"
#include "fuzz.h"

#include <string.h>

#define RUNS 9

static FILE *nowhere;
static char *sound; /* a result as it should be */
static size_t sound_size;
static struct rs_bench_result kept;

static void make_sound(void)
{
    static struct rs_bench_row rows[2];
    struct rs_bench_sample samples[RUNS];
    FILE *out = open_memstream(&sound, &sound_size);

    for (unsigned i = 0; i < RUNS; i++)
        samples[i] = (struct rs_bench_sample){100 + i, i};
    snprintf(rows[0].name, sizeof(rows[0].name), "phase-1-enter");
    rows[0].marks = RS_BENCH_MARK(REPAIRED);
    rs_bench_statistics(samples, RUNS, &rows[0].statistics);
    snprintf(rows[1].name, sizeof(rows[1].name), "nmi");
    snprintf(rows[1].skipped, sizeof(rows[1].skipped), "why");
    kept = (struct rs_bench_result){
        .rows = rows,
        .row_count = 2,
        .boots = 1,
        .runs = RUNS,
        .samples = 1,
        .tsc_hz = 1000000,
        .checks = {{.method = "active", .ok = true}},
        .check_count = 1,
        .sums = {{.variant = "plain"}},
        .sum_count = 1,
    };
    rs_bench_add_fact(&kept, "CPU", "%s", "a processor");
    rs_bench_warn(&kept, true, "%s", "something");
    FUZZ_CHECK(out && rs_bench_write_json(&kept, out) == 0 && fclose(out) == 0);
}

/* What was read can be shown, whatever it says. */
static void show(const struct rs_bench_result *result)
{
    FUZZ_CHECK(rs_bench_print(result, nowhere) == 0);
    FUZZ_CHECK(rs_bench_write_csv(result, nowhere) == 0);
    FUZZ_CHECK(rs_bench_write_json(result, nowhere) == 0);
    rs_bench_plot_script(result, "x.svg", nowhere);
    FUZZ_CHECK(rs_bench_compare(&kept, result, "a", "b", nowhere) == 0);
    FUZZ_CHECK(rs_bench_compare_json(result, &kept, "a", "b", nowhere) == 0);
}

static void read_result(const char *bytes, size_t size)
{
    struct rs_bench_result result;
    struct rs_error error = {0};

    if (rs_bench_read_json(&result, "FILE", bytes, size, &error) == 0) {
        show(&result);
        rs_bench_result_free(&result);
        return;
    }
    FUZZ_CHECK(error.message[0] && !strchr(error.message, '\n'));
    FUZZ_CHECK(error.exit_code == RS_EXIT_IMAGE && result.rows == NULL);
}

/* The sound one, with bytes put over it, and cut or not. */
static void read_spoilt(struct fuzz_input *input)
{
    size_t size = sound_size - (fuzz_take(input, 1) & 1 ? fuzz_below(input, 4096) % sound_size : 0);
    char *copy = malloc(size + 1);

    FUZZ_CHECK(copy != NULL);
    memcpy(copy, sound, size);
    while (input->next < input->end && size > 0) {
        size_t at = fuzz_take(input, 2) % size;

        copy[at] = (char)fuzz_take(input, 1);
    }
    read_result(copy, size);
    free(copy);
}

static void parse_gate(struct fuzz_input *input)
{
    static const char *const words[] = {"syscall", "nmi",  ".p50", ".p99.9",   ".max",  "<",  "<=",
                                        ">",       "1.05", "*",    "baseline", " and ", "ns", " "};
    char text[256];
    size_t used = 0;
    struct rs_bench_gate gate;
    struct rs_bench_gate_error error = {0};

    text[0] = '\0';
    while (input->next < input->end && used + 12 < sizeof(text)) {
        unsigned byte = (unsigned)fuzz_take(input, 1), count = sizeof(words) / sizeof(words[0]);

        if (byte < 8 * count)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", words[byte % count]);
        else
            text[used++] = (char)byte, text[used] = '\0';
    }
    if (rs_bench_gate_parse(&gate, text, &error) == 0) {
        FUZZ_CHECK(gate.count >= 1 && gate.count <= RS_BENCH_GATE_TERMS_MAX);
        (void)rs_bench_gate_judge(&gate, &kept, &kept, nowhere);
        return;
    }
    FUZZ_CHECK(error.message[0] && error.column <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};

    if (!sound) {
        nowhere = fopen("/dev/null", "we");
        FUZZ_CHECK(nowhere != NULL);
        make_sound();
    }
    switch (fuzz_below(&input, 3)) {
    case 0:
        parse_gate(&input);
        break;
    case 1:
        read_spoilt(&input);
        break;
    default:
        read_result((const char *)input.next, (size_t)(input.end - input.next));
        break;
    }
    return 0;
}
