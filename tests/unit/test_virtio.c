/* SPDX-License-Identifier: MIT
 * The paging device: transport, ring and disk, driven as a driver does and as none should.
 * Expected values: VIRTIO 1.1, "Virtio Over MMIO", "Split Virtqueues", "Block Device". */
#include "devices/virtio_blk.h"
#include "unit.h"

#include <unistd.h>

#define MEMORY 0x20000u
#define DISK 0x8000u
#define DESC 0x1000u
#define AVAIL 0x2000u
#define USED 0x3000u
#define HEADER 0x4000u
#define STATUS_BYTE 0x4800u
#define DATA 0x5000u
#define QUEUE_SIZE 8u

#define NEXT 1
#define WRITE 2
#define INDIRECT 4

static struct rs_memory memory;
static struct rs_blk blk;
static struct rs_virtio virtio;
static FILE *disk;
static int disk_fd;
static bool line;
static unsigned line_changes;
static uint16_t available;

static void on_interrupt(void *context, bool level)
{
    ck_assert_ptr_eq(context, &line);
    ck_assert(level != line); /* told only when it changes */
    line = level;
    line_changes++;
}

static uint32_t reg(uint64_t offset)
{
    struct rs_mmio_io io = {.offset = offset, .size = 4};

    rs_virtio_io(&virtio, &io);
    return (uint32_t)io.value;
}

static void set(uint64_t offset, uint32_t value)
{
    struct rs_mmio_io io = {.offset = offset, .size = 4, .write = true, .value = value};

    rs_virtio_io(&virtio, &io);
}

static void put(uint64_t gpa, const void *bytes, size_t size)
{
    ck_assert_int_eq(rs_memory_write(&memory, gpa, bytes, size), 0);
}

static uint64_t get(uint64_t gpa, size_t size)
{
    uint64_t value = 0;

    ck_assert_int_eq(rs_memory_read(&memory, gpa, &value, size), 0);
    return value;
}

static void set_queue(uint32_t size, uint32_t desc, uint32_t avail, uint32_t used)
{
    set(0x030, 0);
    set(0x038, size);
    set(0x080, desc);
    set(0x090, avail);
    set(0x0a0, used);
    set(0x044, 1);
}

static void setup_device(void)
{
    struct rs_virtio_device device;

    memset(&memory, 0, sizeof(memory));
    ck_assert_int_ge(rs_memory_add(&memory, 0, MEMORY), 0);
    disk = tmpfile();
    ck_assert_ptr_nonnull(disk);
    disk_fd = fileno(disk);
    ck_assert_int_eq(ftruncate(disk_fd, DISK), 0);
    device = rs_blk_init(&blk, disk_fd, DISK, false);
    line = false;
    line_changes = available = 0;
    rs_virtio_init(&virtio, &device, &memory, on_interrupt, &line);
}

static void setup(void)
{
    setup_device();
    set(0x070, 1);
    set(0x070, 3);
    set(0x024, 1);
    set(0x020, 1); /* VERSION_1 */
    set(0x070, 11);
    ck_assert_uint_eq(reg(0x070), 11);
    set_queue(QUEUE_SIZE, DESC, AVAIL, USED);
    ck_assert_uint_eq(reg(0x044), 1);
    set(0x070, 15);
}

static void teardown(void)
{
    rs_memory_free(&memory);
    fclose(disk);
}

static void describe(unsigned index, uint64_t gpa, uint32_t size, uint16_t flags, uint16_t next)
{
    put(DESC + 16 * index, &gpa, 8);
    put(DESC + 16 * index + 8, &size, 4);
    put(DESC + 16 * index + 12, &flags, 2);
    put(DESC + 16 * index + 14, &next, 2);
}

static void offer(uint16_t head)
{
    put(AVAIL + 4 + 2 * (available % QUEUE_SIZE), &head, 2);
    available++;
    put(AVAIL + 2, &available, 2);
}

static void header(uint32_t type, uint64_t sector)
{
    const struct {
        uint32_t type, reserved;
        uint64_t sector;
    } bytes = {type, 0, sector};

    put(HEADER, &bytes, sizeof(bytes));
    put(STATUS_BYTE, "\xff", 1);
}

/* Header, one buffer, status; returns the status byte. */
static unsigned request(uint32_t type, uint64_t sector, uint64_t data, uint32_t size)
{
    header(type, sector);
    describe(0, HEADER, 16, NEXT, 1);
    describe(1, data, size, type == 1 ? NEXT : NEXT | WRITE, 2);
    describe(2, STATUS_BYTE, 1, WRITE, 0);
    offer(0);
    set(0x050, 0);
    return (unsigned)get(STATUS_BYTE, 1);
}

START_TEST(the_registers_say_what_it_is)
{
    setup_device();
    ck_assert_uint_eq(reg(0x000), 0x74726976);
    ck_assert_uint_eq(reg(0x004), 2);
    ck_assert_uint_eq(reg(0x008), 2);
    ck_assert_uint_eq(reg(0x034), RS_VIRTQUEUE_MAX);
    set(0x030, 1);
    ck_assert_uint_eq(reg(0x034), 0);
    ck_assert_uint_eq(reg(0x010), 1u << 1 | 1u << 2 | 1u << 6 | 1u << 9);
    set(0x014, 1);
    ck_assert_uint_eq(reg(0x010), 1);
    set(0x014, 2);
    ck_assert_uint_eq(reg(0x010), 0);
    ck_assert_uint_eq(reg(0x100), DISK / 512);
    ck_assert_uint_eq(reg(0x104), 0);
    ck_assert_uint_eq(reg(0x10c), RS_BLK_SEGMENTS_MAX);
    ck_assert_uint_eq(reg(0x114), 4096);
    ck_assert_uint_eq(reg(0x118), 0);
    ck_assert_uint_eq(reg(0x0b0), UINT32_MAX);
    teardown();
}
END_TEST

START_TEST(registers_are_words)
{
    struct rs_mmio_io io = {.offset = 0x000, .size = 2};

    setup_device();
    rs_virtio_io(&virtio, &io);
    ck_assert_uint_eq(io.value, 0);
    io = (struct rs_mmio_io){.offset = 0x070, .size = 1, .write = true, .value = 1};
    rs_virtio_io(&virtio, &io);
    ck_assert_uint_eq(reg(0x070), 0);
    io = (struct rs_mmio_io){.offset = 0x100, .size = 8};
    rs_virtio_io(&virtio, &io);
    ck_assert_uint_eq(io.value, DISK / 512);
    teardown();
}
END_TEST

START_TEST(features_that_are_not_offered_are_refused)
{
    static const struct {
        const char *name;
        uint32_t low, high, status;
    } rows[] = {
        {"without VERSION_1", 0, 0, 3},
        {"with one too many", 1u << 30, 1, 3},
        {"with FLUSH", 1u << 9, 1, 11},
    };

    setup_device();
    set(0x070, 3);
    set(0x024, 0);
    set(0x020, rows[_i].low);
    set(0x024, 1);
    set(0x020, rows[_i].high);
    set(0x070, 11);
    assert_row_eq(rows[_i].name, reg(0x070), rows[_i].status);
    teardown();
}
END_TEST

START_TEST(a_queue_that_is_none_does_not_become_ready)
{
    static const struct {
        const char *name;
        uint32_t size, desc, avail, used;
    } rows[] = {
        {"size 0", 0, DESC, AVAIL, USED},
        {"size 3", 3, DESC, AVAIL, USED},
        {"size too large", 128, DESC, AVAIL, USED},
        {"descriptors not aligned", 8, DESC + 8, AVAIL, USED},
        {"available ring not aligned", 8, DESC, AVAIL + 1, USED},
        {"used ring not aligned", 8, DESC, AVAIL, USED + 2},
        {"descriptors behind memory", 8, MEMORY - 16, AVAIL, USED},
        {"used ring behind memory", 8, DESC, AVAIL, MEMORY - 4},
        {"available ring wraps", 8, DESC, 0xfffffffe, USED},
    };

    setup_device();
    set(0x070, 3);
    set_queue(rows[_i].size, rows[_i].desc, rows[_i].avail, rows[_i].used);
    assert_row_eq(rows[_i].name, reg(0x044), 0);
    set(0x050, 0);
    assert_row_eq(rows[_i].name, line, false);
    teardown();
}
END_TEST

START_TEST(writes_are_read_back)
{
    static const char text[] = "what was written";

    setup();
    put(DATA, text, sizeof(text));
    ck_assert_uint_eq(request(1, 8, DATA, 4096), 0);
    ck_assert_uint_eq(get(USED + 2, 2), 1);
    ck_assert_uint_eq(get(USED + 4, 4), 0);     /* head */
    ck_assert_uint_eq(get(USED + 4 + 4, 4), 1); /* the status alone */
    ck_assert_uint_eq(request(0, 8, DATA + 0x2000, 4096), 0);
    ck_assert_uint_eq(get(USED + 4 + 8 + 4, 4), 4097);
    ck_assert_uint_eq(get(DATA + 0x2000, 8), get(DATA, 8));
    ck_assert_uint_eq(request(4, 0, DATA, 0), 0);
    ck_assert_uint_eq(request(8, 0, DATA, 20), 0);
    ck_assert_uint_eq(request(99, 0, DATA, 512), 2);
    teardown();
}
END_TEST

START_TEST(buffers_may_be_cut_anywhere)
{
    setup();
    put(DATA, "abcdefgh", 8);
    header(1, 0);
    describe(0, HEADER, 3, NEXT, 5);
    describe(5, HEADER + 3, 13, NEXT, 1);
    describe(1, DATA, 3, NEXT, 4);
    describe(4, DATA + 3, 509, NEXT, 2);
    describe(2, STATUS_BYTE, 1, WRITE, 0);
    offer(0);
    set(0x050, 0);
    ck_assert_uint_eq(get(STATUS_BYTE, 1), 0);
    ck_assert_uint_eq(request(0, 0, DATA + 0x1000, 512), 0);
    ck_assert_uint_eq(get(DATA + 0x1000, 8), get(DATA, 8));
    teardown();
}
END_TEST

START_TEST(the_line_follows_the_interrupt_status)
{
    setup();
    request(0, 0, DATA, 512);
    ck_assert(line);
    ck_assert_uint_eq(reg(0x060), 1);
    request(0, 0, DATA, 512);
    ck_assert_uint_eq(line_changes, 1);
    set(0x064, 2);
    ck_assert(line);
    set(0x064, 1);
    ck_assert(!line);
    put(AVAIL, "\x01", 1); /* VIRTQ_AVAIL_F_NO_INTERRUPT */
    request(0, 0, DATA, 512);
    ck_assert(!line);
    teardown();
}
END_TEST

START_TEST(a_reset_takes_everything_back)
{
    setup();
    request(0, 0, DATA, 512);
    set(0x070, 0);
    ck_assert(!line);
    ck_assert_uint_eq(reg(0x070), 0);
    ck_assert_uint_eq(reg(0x044), 0);
    ck_assert_uint_eq(reg(0x060), 0);
    offer(0);
    set(0x050, 0);
    ck_assert_uint_eq(get(USED + 2, 2), 1);
    teardown();
}
END_TEST

START_TEST(bad_requests_fail_alone)
{
    static const struct {
        const char *name;
        uint32_t type;
        uint64_t sector, data;
        uint32_t size;
    } rows[] = {
        {"behind the disk", 0, DISK / 512, DATA, 512},
        {"across its end", 0, DISK / 512 - 1, DATA, 1024},
        {"sector wraps", 0, UINT64_MAX, DATA, 512},
        {"bytes wrap", 1, UINT64_C(1) << 55, DATA, 512},
        {"no whole sectors", 1, 0, DATA, 100},
        {"too long", 0, 0, 0, UINT32_MAX},
        {"data is no memory", 0, 0, MEMORY, 512},
        {"data leaves memory", 1, 0, MEMORY - 256, 512},
        {"data wraps", 1, 0, UINT64_MAX - 100, 512},
    };

    setup();
    assert_row_eq(rows[_i].name,
                  request(rows[_i].type, rows[_i].sector, rows[_i].data, rows[_i].size), 1);
    assert_row_eq(rows[_i].name, reg(0x070), 15);
    assert_row_eq(rows[_i].name, request(1, 0, DATA, 512), 0);
    teardown();
}
END_TEST

START_TEST(a_disk_that_fails_is_an_error_of_the_request)
{
    setup();
    ck_assert_int_eq(ftruncate(disk_fd, 512), 0); /* somebody cuts the file */
    ck_assert_uint_eq(request(0, 0, DATA, 512), 0);
    ck_assert_uint_eq(request(0, 8, DATA, 512), 1);
    close(disk_fd);
    ck_assert_uint_eq(request(1, 0, DATA, 512), 1);
    ck_assert_uint_eq(request(4, 0, DATA, 0), 1);
    teardown();
}
END_TEST

START_TEST(a_disk_that_grows_reads_zeros_behind_its_end)
{
    setup();
    blk.grows = true;
    ck_assert_int_eq(ftruncate(disk_fd, 100), 0);
    put(DATA, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    ck_assert_uint_eq(request(0, 8, DATA, 512), 0);
    ck_assert_uint_eq(get(DATA, 8), 0);
    put(DATA, "behind", 6);
    ck_assert_uint_eq(request(1, 8, DATA, 512), 0);
    ck_assert_uint_eq(request(0, 8, DATA + 0x1000, 512), 0);
    ck_assert_uint_eq(get(DATA + 0x1000, 8), get(DATA, 8));
    teardown();
}
END_TEST

static void loop_chain(void)
{
    describe(0, HEADER, 16, NEXT, 1);
    describe(1, DATA, 512, NEXT, 0);
    offer(0);
}

static void head_out_of_range(void)
{
    offer(QUEUE_SIZE);
}

static void next_out_of_range(void)
{
    describe(0, HEADER, 16, NEXT, 0xffff);
    offer(0);
}

static void index_too_far(void)
{
    put(AVAIL + 2, "\x09", 1);
}

static void readable_behind_writable(void)
{
    describe(0, STATUS_BYTE, 1, NEXT | WRITE, 1);
    describe(1, HEADER, 16, 0, 0);
    offer(0);
}

static void indirect_table(void)
{
    describe(0, DESC, 16, INDIRECT, 0);
    offer(0);
}

START_TEST(a_ring_without_sense_stops_the_device)
{
    static void (*const rows[])(void) = {
        loop_chain,    head_out_of_range,        next_out_of_range,
        index_too_far, readable_behind_writable, indirect_table,
    };

    setup();
    header(1, 0);
    rows[_i]();
    set(0x050, 0);
    ck_assert_uint_eq(reg(0x070), 15 | 64);
    ck_assert_uint_eq(reg(0x060), 2);
    ck_assert(line);
    ck_assert_uint_eq(get(USED + 2, 2), 0);
    set(0x070, 15); /* only a reset helps */
    ck_assert_uint_eq(reg(0x070), 15 | 64);
    set(0x070, 0);
    ck_assert_uint_eq(reg(0x070), 0);
    ck_assert(!line);
    teardown();
}
END_TEST

START_TEST(a_request_without_a_status_comes_back)
{
    setup();
    describe(0, HEADER, 16, 0, 0);
    offer(0);
    set(0x050, 0);
    ck_assert_uint_eq(get(USED + 2, 2), 1);
    ck_assert_uint_eq(get(USED + 4 + 4, 4), 0);
    ck_assert_uint_eq(reg(0x070), 15);
    teardown();
}
END_TEST

START_TEST(the_bus_finds_the_device)
{
    struct rs_mmio mmio = {0};
    struct rs_mmio_io io = {.size = 4};

    setup_device();
    rs_mmio_add(&mmio, 0xd0000000, RS_VIRTIO_MMIO_SIZE, rs_virtio_io, &virtio);
    rs_mmio_access(&mmio, 0xd0000000, &io);
    ck_assert_uint_eq(io.value, 0x74726976);
    rs_mmio_access(&mmio, 0xcfffffff, &io); /* not all of it is the device's */
    ck_assert_uint_eq(io.value, UINT64_MAX);
    rs_mmio_access(&mmio, 0xd0000000 + RS_VIRTIO_MMIO_SIZE - 2, &io);
    ck_assert_uint_eq(io.value, UINT64_MAX);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("virtio");

    UNIT_ADD(suite, the_registers_say_what_it_is);
    UNIT_ADD(suite, registers_are_words);
    unit_add(suite, "features_that_are_not_offered_are_refused",
             features_that_are_not_offered_are_refused, 3);
    unit_add(suite, "a_queue_that_is_none_does_not_become_ready",
             a_queue_that_is_none_does_not_become_ready, 9);
    UNIT_ADD(suite, writes_are_read_back);
    UNIT_ADD(suite, buffers_may_be_cut_anywhere);
    UNIT_ADD(suite, the_line_follows_the_interrupt_status);
    UNIT_ADD(suite, a_reset_takes_everything_back);
    unit_add(suite, "bad_requests_fail_alone", bad_requests_fail_alone, 9);
    UNIT_ADD(suite, a_disk_that_fails_is_an_error_of_the_request);
    UNIT_ADD(suite, a_disk_that_grows_reads_zeros_behind_its_end);
    unit_add(suite, "a_ring_without_sense_stops_the_device", a_ring_without_sense_stops_the_device,
             6);
    UNIT_ADD(suite, a_request_without_a_status_comes_back);
    UNIT_ADD(suite, the_bus_finds_the_device);
    return unit_run(suite);
}
