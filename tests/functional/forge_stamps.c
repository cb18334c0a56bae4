/* SPDX-License-Identifier: MIT
 * A measurement of a guest that forges what it measures: `forge_stamps KERNEL REQUESTS`. Whatever
 * it leaves in the area, each batch must be sound. Prints how many records came, and were thrown
 * away. */
#include "bench/guest.h"
#include "bench/host.h"
#include "bench/records.h"
#include "doctor/needs.h"
#include "kvm/kvm_host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

static struct rs_bench_guest guest;
static struct rs_bench_batch batch;

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "forge_stamps: %s\n", error->message);
    return error->exit_code;
}

static struct rs_blob read_file(const char *path)
{
    static uint8_t bytes[1 << 20];
    struct rs_blob blob = {.name = path, .bytes = bytes};
    FILE *file = fopen(path, "rbe");

    if (file) {
        blob.size = fread(bytes, 1, sizeof(bytes), file);
        fclose(file);
    }
    return blob;
}

static bool is_sound(uint32_t asked, uint64_t longest)
{
    if (batch.count > asked || batch.unsound > asked || batch.count + batch.unsound > asked)
        return false;
    for (uint32_t i = 0; i < batch.count; i++)
        if (!rs_bench_record_is_sound(&batch.records[i], longest))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    unsigned long requests = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    struct rs_blob kernel = read_file(argc > 1 ? argv[1] : "");
    struct rs_bench_host host = {.kernel = &kernel};
    uint64_t kept = 0, thrown = 0;
    struct rs_error error;

    host.kvm_fd = rs_kvm_open(&error);
    if (host.kvm_fd < 0 || rs_doctor_needs(host.kvm_fd, &host.needs, &error) != 0 ||
        rs_bench_guest_start(&guest, &host, RS_BENCH_PLAIN, &error) != 0)
        return fail(&error);
    for (unsigned long i = 0; i < requests; i++) {
        uint32_t asked = 1 + (uint32_t)(i * 7919 % RS_STAMP_RECORDS_MAX);
        uint64_t start = __rdtsc();

        if (rs_bench_guest_measure(&guest, RS_OPERATION_EMPTY, asked, i, &batch, &error) != 0)
            return fail(&error);
        if (!is_sound(asked, __rdtsc() - start)) {
            fprintf(stderr, "forge_stamps: request %lu of %" PRIu32 ": batch is not sound\n", i,
                    asked);
            return EXIT_FAILURE;
        }
        kept += batch.count;
        thrown += batch.unsound;
    }
    rs_bench_guest_end(&guest);
    printf("%lu requests: %" PRIu64 " records kept, %" PRIu64 " thrown away\n", requests, kept,
           thrown);
    return EXIT_SUCCESS;
}
