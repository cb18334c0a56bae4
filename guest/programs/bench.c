/* SPDX-License-Identifier: MIT
 * bench [OPERATION [COUNT [PARAMETER]]]: times what <ringscope/bench.h> lists.
 *
 * Without arguments the VMM says what, in the stamp area: see `ringscope bench`. With an
 * operation's name it prints the median, without any VMM's help: that is for comparing VMMs.
 */

#include "bench.h"

struct rs_stamps *stamps;

static const struct {
    const char *name;
    uint8_t ring;
} operations[RS_OPERATION_COUNT] = {
#define X(name, ring, text) [RS_OPERATION_##name] = {#name, ring},
    RS_OPERATIONS(X)
#undef X
};

static NTSTATUS measure_in_ring_0(uint32_t operation, uint32_t count, uint64_t parameter)
{
    struct measure_request request = {operation, count, parameter};

    return NtSystemDebugControl(SysDbgMeasure, &request, sizeof(request), NULL, 0, NULL);
}

static NTSTATUS measure(uint32_t operation, uint32_t count, uint64_t parameter)
{
    if (operation >= RS_OPERATION_COUNT)
        return STATUS_INVALID_PARAMETER;
    if (operations[operation].ring == 0)
        return measure_in_ring_0(operation, count, parameter);
    return measure_in_ring_3(operation, count, parameter);
}

/* The VMM changes the request while the service runs. */
static int serve(void)
{
    volatile const struct rs_stamps *request = stamps;

    for (;;) {
        uint32_t operation;

        NtSystemDebugControl(SysDbgHandOverStamps, NULL, 0, NULL, 0, NULL);
        operation = request->operation;
        if (operation == RS_OPERATION_NONE)
            return 0;
        stamps->status = (uint32_t)measure(operation, request->count, request->parameter);
    }
}

static void sort(uint64_t *values, uint32_t count)
{
    for (uint32_t gap = count / 2; gap; gap /= 2)
        for (uint32_t i = gap; i < count; i++)
            for (uint32_t j = i; j >= gap && values[j - gap] > values[j]; j -= gap) {
                uint64_t swapped = values[j];

                values[j] = values[j - gap];
                values[j - gap] = swapped;
            }
}

static int measure_alone(const char *name, uint32_t count, uint64_t parameter)
{
    static uint64_t ticks[RS_STAMP_RECORDS_MAX];
    uint32_t operation = RS_OPERATION_COUNT;
    NTSTATUS status;

    for (uint32_t i = 1; i < RS_OPERATION_COUNT; i++)
        if (strcmp(operations[i].name, name) == 0)
            operation = i;
    if (operation == RS_OPERATION_COUNT || count == 0 || count > RS_STAMP_RECORDS_MAX) {
        eprintf("bench: '%s' %u: not an operation, or not 1 to %u records\n", name, count,
                (uint32_t)RS_STAMP_RECORDS_MAX);
        return 2;
    }
    stamps->capacity = RS_STAMP_RECORDS_MAX;
    stamps->used = 0;
    status = measure(operation, count, parameter);
    if (!NT_SUCCESS(status) || stamps->used != count) {
        eprintf("bench: %s: status 0x%08x, %u records\n", name, (uint32_t)status, stamps->used);
        return 1;
    }
    for (uint32_t i = 0; i < count; i++)
        ticks[i] = stamps->records[i].tsc[RS_STAMP_AFTER] - stamps->records[i].tsc[RS_STAMP_BEFORE];
    sort(ticks, count);
    printf("%s: %lu ticks, median of %u\n", name, ticks[count / 2], count);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t address;
    NTSTATUS status =
        NtSystemDebugControl(SysDbgMapStamps, NULL, 0, &address, sizeof(address), NULL);

    if (!NT_SUCCESS(status)) {
        eprintf("bench: no stamp area (0x%08x): use `ringscope bench`\n", (uint32_t)status);
        return 1;
    }
    stamps = (struct rs_stamps *)address;
    if (argc < 2)
        return serve();
    return measure_alone(argv[1], argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 500,
                         argc > 3 ? strtoul(argv[3], NULL, 0) : 1000);
}
