/* SPDX-License-Identifier: MIT
 * Images of other kernels: what is told apart, what is planned, what is refused. */
#include "fake_direct.h"
#include "loader/direct.h"
#include "unit.h"

static struct fake_direct fake;
static struct rs_direct_image image;
static struct rs_direct_error error;

static int parse(enum rs_protocol protocol)
{
    return rs_direct_parse(protocol, fake.bytes, fake.size, &image, &error);
}

START_TEST(tells_the_protocols_apart)
{
    static const enum fake_direct_kind kinds[] = {FAKE_MULTIBOOT_ELF, FAKE_MULTIBOOT_ADDRESSES,
                                                  FAKE_LINUX, FAKE_PVH, FAKE_RINGSCOPE};
    static const enum rs_protocol expected[] = {RS_PROTOCOL_MULTIBOOT, RS_PROTOCOL_MULTIBOOT,
                                                RS_PROTOCOL_LINUX, RS_PROTOCOL_PVH,
                                                RS_PROTOCOL_RINGSCOPE};

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        fake_direct_init(&fake, kinds[i]);
        assert_row_eq(fake_direct_names[kinds[i]], rs_direct_detect(fake.bytes, fake.size),
                      expected[i]);
    }
    ck_assert_int_eq(rs_direct_detect("", 0), RS_PROTOCOL_RINGSCOPE);
    ck_assert_int_eq(rs_direct_detect("\x7f"
                                      "ELF\x01",
                                      5),
                     RS_PROTOCOL_RINGSCOPE);
}
END_TEST

START_TEST(plans_elf32)
{
    fake_direct_init(&fake, FAKE_MULTIBOOT_ELF);
    ck_assert_int_eq(parse(RS_PROTOCOL_MULTIBOOT), 0);
    ck_assert_uint_eq(image.entry, FAKE_DIRECT_LOAD + 0x10);
    ck_assert_uint_eq(image.segment_count, 1);
    ck_assert_uint_eq(image.segments[0].gpa, FAKE_DIRECT_LOAD);
    ck_assert_uint_eq(image.segments[0].file_offset, FAKE_DIRECT_OFFSET);
    ck_assert_uint_eq(image.segments[0].file_size, 0x100);
    ck_assert_uint_eq(image.segments[0].memory_size, 0x1000);
    ck_assert_uint_eq(rs_direct_end(&image), FAKE_DIRECT_LOAD + 0x1000);
}
END_TEST

START_TEST(moves_a_virtual_entry_with_its_segment)
{
    fake_direct_init(&fake, FAKE_MULTIBOOT_ELF);
    fake.elf32.program.p_vaddr = 0xc0100000;
    fake.elf32.header.e_entry = 0xc0100020;
    ck_assert_int_eq(parse(RS_PROTOCOL_MULTIBOOT), 0);
    ck_assert_uint_eq(image.entry, FAKE_DIRECT_LOAD + 0x20);
}
END_TEST

START_TEST(plans_load_addresses)
{
    fake_direct_init(&fake, FAKE_MULTIBOOT_ADDRESSES);
    ck_assert_int_eq(parse(RS_PROTOCOL_MULTIBOOT), 0);
    ck_assert_uint_eq(image.segments[0].gpa, FAKE_DIRECT_LOAD);
    ck_assert_uint_eq(image.segments[0].file_offset, 0x10);
    ck_assert_uint_eq(image.segments[0].file_size, 0x80);
    ck_assert_uint_eq(image.segments[0].memory_size, 0x200);
    fake.multiboot[5] = fake.multiboot[6] = 0; /* load_end, bss_end: to the end of the file */
    ck_assert_int_eq(parse(RS_PROTOCOL_MULTIBOOT), 0);
    ck_assert_uint_eq(image.segments[0].file_size, fake.size - 0x10);
    ck_assert_uint_eq(image.segments[0].memory_size, fake.size - 0x10);
}
END_TEST

START_TEST(plans_linux)
{
    fake_direct_init(&fake, FAKE_LINUX);
    ck_assert_int_eq(parse(RS_PROTOCOL_LINUX), 0);
    ck_assert_uint_eq(image.entry, 0x1000200);
    ck_assert_uint_eq(image.segments[0].file_offset, 0x400);
    ck_assert_uint_eq(image.segments[0].memory_size, 0x8000);
    ck_assert_uint_eq(image.header_size, 0x202 + 0x66 - RS_LINUX_HEADER);
    ck_assert_uint_eq(image.initrd_max, 0x7fffffff);
    ck_assert_uint_eq(image.command_line, 255);
}
END_TEST

START_TEST(plans_pvh)
{
    fake_direct_init(&fake, FAKE_PVH);
    ck_assert_int_eq(parse(RS_PROTOCOL_PVH), 0);
    ck_assert_uint_eq(image.entry, 0x201010);
    ck_assert_uint_eq(image.segments[0].gpa, 0x201000);
    /* The bundled kernel's way: both notes, and PVH asked for. */
    fake_direct_init(&fake, FAKE_RINGSCOPE);
    ck_assert_int_eq(parse(RS_PROTOCOL_PVH), 0);
}
END_TEST

/* Each row spoils one field of a sound file. */
static const struct {
    const char *name;
    enum fake_direct_kind kind;
    size_t offset;
    uint32_t value;
    unsigned width;
    const char *message;
} wrong[] = {
    {"ELF class", FAKE_MULTIBOOT_ELF, 4, 2, 1, "objcopy -O elf32-i386"},
    {"ELF machine", FAKE_MULTIBOOT_ELF, offsetof(Elf32_Ehdr, e_machine), 62, 2, "machine 62"},
    {"ELF type", FAKE_MULTIBOOT_ELF, offsetof(Elf32_Ehdr, e_type), 3, 2, "ELF type 3"},
    {"program headers", FAKE_MULTIBOOT_ELF, offsetof(Elf32_Ehdr, e_phoff), 0xffffff00, 4,
     "pass the end of the file"},
    {"segment bytes", FAKE_MULTIBOOT_ELF, 52 + offsetof(Elf32_Phdr, p_offset), 0xfffffff0, 4,
     "truncated or damaged"},
    {"segment sizes", FAKE_MULTIBOOT_ELF, 52 + offsetof(Elf32_Phdr, p_memsz), 1, 4,
     "larger than its memory size"},
    {"entry", FAKE_MULTIBOOT_ELF, offsetof(Elf32_Ehdr, e_entry), 4, 4, "entry point 0x4"},
    {"nothing to load", FAKE_MULTIBOOT_ELF, 52 + offsetof(Elf32_Phdr, p_type), PT_NOTE, 4,
     "nothing to load"},
    {"load address", FAKE_MULTIBOOT_ADDRESSES, 0x20 + 16, 0x7fffffff, 4, "does not fit"},
    {"load end", FAKE_MULTIBOOT_ADDRESSES, 0x20 + 20, 1, 4, "lies before load address"},
    {"BSS end", FAKE_MULTIBOOT_ADDRESSES, 0x20 + 24, 1, 4, "BSS end"},
    {"protocol version", FAKE_LINUX, 0x206, 0x020a, 2, "2.10"},
    {"zImage", FAKE_LINUX, 0x211, 0, 1, "zImage"},
    {"no 64-bit entry", FAKE_LINUX, 0x236, 0, 2, "no 64-bit entry"},
    {"setup size", FAKE_LINUX, 0x1f1, 200, 1, "do not fit the file"},
    {"header length", FAKE_LINUX, 0x201, 0xff, 1, "do not fit the file"},
    {"header too short", FAKE_LINUX, 0x201, 0x10, 1, "do not fit the file"},
};

START_TEST(refuses)
{
    enum rs_protocol protocol =
        wrong[_i].kind == FAKE_LINUX ? RS_PROTOCOL_LINUX : RS_PROTOCOL_MULTIBOOT;

    fake_direct_init(&fake, wrong[_i].kind);
    ck_assert_int_eq(parse(protocol), 0);
    memcpy(fake.bytes + wrong[_i].offset, &wrong[_i].value, wrong[_i].width);
    ck_assert_msg(parse(protocol) == -1, "%s is let through", wrong[_i].name);
    ck_assert_msg(strstr(error.message, wrong[_i].message) != NULL, "%s: %s", wrong[_i].name,
                  error.message);
}
END_TEST

START_TEST(refuses_unknown_flags)
{
    fake_direct_init(&fake, FAKE_MULTIBOOT_ADDRESSES);
    fake.multiboot[1] |= 0x10;
    fake.multiboot[2] = -(fake.multiboot[0] + fake.multiboot[1]);
    ck_assert_int_eq(parse(RS_PROTOCOL_MULTIBOOT), -1);
}
END_TEST

START_TEST(checks_the_plan_against_memory)
{
    const uint64_t kept = 0x20000, kept_end = 0x30000;

    fake_direct_init(&fake, FAKE_MULTIBOOT_ELF);
    ck_assert_int_eq(parse(RS_PROTOCOL_MULTIBOOT), 0);
    ck_assert_int_eq(rs_direct_check(&image, FAKE_DIRECT_LOAD + 0x1000, kept, kept_end, &error), 0);
    ck_assert_int_eq(rs_direct_check(&image, FAKE_DIRECT_LOAD + 0xfff, kept, kept_end, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "raise --memory"));
    image.segments[0].gpa = kept_end - 1;
    ck_assert_int_eq(rs_direct_check(&image, 1 << 20, kept, kept_end, &error), -1);
    image.segments[0].gpa = kept_end;
    ck_assert_int_eq(rs_direct_check(&image, 1 << 20, kept, kept_end, &error), 0);
    image.segments[1] = image.segments[0];
    image.segments[1].gpa += 0xfff;
    image.segment_count = 2;
    ck_assert_int_eq(rs_direct_check(&image, 1 << 20, kept, kept_end, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "share"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("direct");

    UNIT_ADD(suite, tells_the_protocols_apart);
    UNIT_ADD(suite, plans_elf32);
    UNIT_ADD(suite, moves_a_virtual_entry_with_its_segment);
    UNIT_ADD(suite, plans_load_addresses);
    UNIT_ADD(suite, plans_linux);
    UNIT_ADD(suite, plans_pvh);
    UNIT_ADD_ROWS(suite, refuses, wrong);
    UNIT_ADD(suite, refuses_unknown_flags);
    UNIT_ADD(suite, checks_the_plan_against_memory);
    return unit_run(suite);
}
