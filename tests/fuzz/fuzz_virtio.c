/* SPDX-License-Identifier: MIT
 * A driver of the paging device that writes anything anywhere: registers and rings. */
#include <string.h>
#include <unistd.h>

#include "devices/virtio_blk.h"
#include "fuzz.h"

#define MEMORY 0x4000u
#define DISK 0x4000u

static struct rs_memory memory;
static struct rs_blk blk;
static int disk_fd = -1;
static bool line;

static void on_interrupt(void *context, bool level)
{
    (void)context;
    FUZZ_CHECK(level != line);
    line = level;
}

static void access_register(struct rs_virtio *virtio, uint64_t offset, uint64_t value, bool write)
{
    struct rs_mmio_io io = {.offset = offset, .size = 4, .write = write, .value = value};

    rs_virtio_io(virtio, &io);
    FUZZ_CHECK(line == (virtio->interrupt_status != 0));
}

static void start(struct rs_virtio *virtio)
{
    static const uint32_t writes[][2] = {
        {0x070, 3}, {0x024, 1},      {0x020, 1},      {0x070, 11}, {0x038, 8},
        {0x080, 0}, {0x090, 0x1000}, {0x0a0, 0x2000}, {0x044, 1},  {0x070, 15},
    };

    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
        access_register(virtio, writes[i][0], writes[i][1], true);
}

static void poke(uint64_t gpa, uint64_t value, size_t size)
{
    (void)rs_memory_write(&memory, gpa, &value, size);
}

/* A descriptor, mostly with something to be found behind it. */
static void poke_descriptor(struct fuzz_input *input)
{
    uint64_t descriptor = 16 * (uint64_t)fuzz_below(input, 8);

    poke(descriptor, fuzz_below(input, 0x5000), 8);
    poke(descriptor + 8, fuzz_below(input, 4) ? fuzz_below(input, 1200) : fuzz_take(input, 4), 4);
    poke(descriptor + 12, fuzz_below(input, 8), 2);
    poke(descriptor + 14, fuzz_below(input, 9), 2);
}

static void poke_header(struct fuzz_input *input)
{
    uint64_t gpa = 0x3000 + 16 * (uint64_t)fuzz_below(input, 16);

    poke(gpa, fuzz_below(input, 10), 8);
    poke(gpa + 8, fuzz_below(input, 4) ? fuzz_below(input, 40) : fuzz_take(input, 8), 8);
}

static void step(struct fuzz_input *input, struct rs_virtio *virtio)
{
    switch (fuzz_below(input, 8)) {
    case 0:
    case 1:
        poke_descriptor(input);
        break;
    case 2:
        poke(0x1004 + 2 * (uint64_t)fuzz_below(input, 8), fuzz_below(input, 9), 2);
        break;
    case 3:
        poke(0x1002, fuzz_below(input, 16), 2);
        break;
    case 4:
        poke_header(input);
        break;
    case 5:
        access_register(virtio, fuzz_below(input, 0x200), fuzz_take(input, 4),
                        fuzz_below(input, 2));
        break;
    case 6:
        poke(fuzz_below(input, MEMORY), fuzz_take(input, 8), 8);
        break;
    default:
        access_register(virtio, 0x050, 0, true);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    struct rs_virtio_device device;
    struct rs_virtio virtio;

    if (disk_fd < 0) {
        FILE *disk = tmpfile();

        disk_fd = disk ? fileno(disk) : -1;
        if (disk_fd < 0 || ftruncate(disk_fd, DISK) != 0 || rs_memory_add(&memory, 0, MEMORY) < 0)
            abort();
    }
    device = rs_blk_init(&blk, disk_fd, DISK, false);
    line = false;
    rs_virtio_init(&virtio, &device, &memory, on_interrupt, NULL);
    memset(memory.regions[0].host, 0, MEMORY);
    start(&virtio);
    while (input.next < input.end)
        step(&input, &virtio);
    FUZZ_CHECK(lseek(disk_fd, 0, SEEK_END) == DISK);
    return 0;
}
