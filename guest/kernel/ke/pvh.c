/* SPDX-License-Identifier: MIT
 * The boot information of abi.h, made from what a PVH boot loader says. */

#include "pvh.h"

#include "cpu.h"
#include "mm.h"

#include <rtl.h>

/* Xen's public/arch-x86/hvm/start_info.h, version 1. */
#define START_INFO_MAGIC 0x336ec578
#define MEMORY_RAM 1

struct hvm_start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, command_line, rsdp, memory_map;
    uint32_t memory_map_entries, reserved;
};

struct hvm_module {
    uint64_t gpa, size, command_line, reserved;
};

struct hvm_memory {
    uint64_t gpa, size;
    uint32_t type, reserved;
};

#define UNNAMED "program" /* without a command line */

/* 8259: data ports hold the mask of eight inputs each. */
#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1

extern uint8_t KiImageEnd[];
bool KiBootedByPvh;
/* Not at RS_GPA_BOOT_INFO: QEMU's boot loader keeps its own there. */
static struct rs_boot_info boot_info;

static uint64_t image_gpa(const void *address)
{
    return (uint64_t)address - RS_GVA_KERNEL + RS_GPA_KERNEL;
}

static uint64_t page_up(uint64_t value)
{
    return (value + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

/* What the direct map reaches: the loader's addresses are not believed before that. */
static void *at(uint64_t gpa, uint64_t size)
{
    if (gpa >= RS_RAM_MAX || size > RS_RAM_MAX - gpa)
        KiRefuseBoot("the boot loader's information lies above 3 GiB: give less memory");
    return MmPhysical(gpa);
}

/* The end of the RAM that the kernel is in. */
static uint64_t find_memory(const struct hvm_start_info *start)
{
    const struct hvm_memory *memory =
        at(start->memory_map, start->memory_map_entries * sizeof(*memory));

    for (uint32_t i = 0; start->version >= 1 && i < start->memory_map_entries; i++, memory++)
        if (memory->type == MEMORY_RAM && memory->gpa <= RS_GPA_KERNEL &&
            memory->size > RS_GPA_KERNEL - memory->gpa) {
            uint64_t end = memory->size < RS_RAM_MAX ? memory->gpa + memory->size : RS_RAM_MAX;

            return (end < RS_RAM_MAX ? end : RS_RAM_MAX) & ~(PAGE_SIZE - 1);
        }
    KiRefuseBoot("the boot loader says nothing of the memory that the kernel is in");
}

static const char *skip_blanks(const char *text)
{
    while (*text == ' ')
        text++;
    return text;
}

/* Words in front of the program's name that begin with "--" are the kernel's own. */
static const char *take_options(struct rs_boot_info *boot, const char *text)
{
    static const char kva_shadow[] = "--kva-shadow";
    const size_t length = sizeof(kva_shadow) - 1;

    for (text = skip_blanks(text); text[0] == '-' && text[1] == '-'; text = skip_blanks(text)) {
        if (strncmp(text, kva_shadow, length) != 0 || (text[length] && text[length] != ' '))
            KiRefuseBoot("-append begins with an option that is not --kva-shadow");
        boot->flags |= RS_BOOT_KVA_SHADOW;
        text += length;
    }
    return text;
}

/* Words become argv; there are no quotes. The first one names the program. */
static void take_command_line(struct rs_boot_info *boot, const char *text)
{
    char *out = boot->command_line;
    const char *end = out + RS_BOOT_COMMAND_LINE_MAX;
    bool in_word = false;

    for (; *text && out + 1 < end; text++) {
        if (*text != ' ')
            *out++ = *text;
        else if (in_word)
            *out++ = '\0';
        in_word = *text != ' ';
    }
    if (*text)
        KiRefuseBoot("the command line is too long");
    if (in_word)
        *out++ = '\0';
    if (out == boot->command_line) {
        memcpy(out, UNNAMED, sizeof(UNNAMED));
        out += sizeof(UNNAMED);
    }
    boot->command_line_size = (uint32_t)(out - boot->command_line);
}

static void set_name(struct rs_boot_module *module, const char *name)
{
    size_t length = strlen(name);

    memcpy(module->name, name, length < sizeof(module->name) ? length : sizeof(module->name) - 1);
}

/* The program moves down, to where ringscope would have put it. */
static void take_program(struct rs_boot_info *boot, const struct hvm_start_info *start)
{
    const struct hvm_module *module = at(start->modules, sizeof(*module));
    const void *file;

    if (start->module_count == 0)
        KiRefuseBoot("there is no program to start: give one with -initrd FILE");
    file = at(module->gpa, module->size);
    if (module->gpa < boot->free_gpa || boot->free_gpa >= boot->memory_size ||
        page_up(module->size) > boot->memory_size - boot->free_gpa)
        KiRefuseBoot("the program does not fit into the memory: give more");
    boot->modules[0].gpa = boot->free_gpa;
    boot->modules[0].size = module->size;
    set_name(&boot->modules[0], boot->command_line);
    boot->module_count = 1;
    memmove(MmPhysical(boot->free_gpa), file, boot->modules[0].size);
    boot->free_gpa += page_up(boot->modules[0].size);
}

/* Looks before it writes: RAM that nobody has written to takes none of the host's. */
static void clear_page(uint64_t *page)
{
    const uint64_t *next = page;
    size_t count = PAGE_SIZE / sizeof(*page);
    bool zero;

    __asm__("repe scasq" : "+D"(next), "+c"(count), "=@ccz"(zero) : "a"(RS_U64(0)) : "memory");
    if (!zero)
        memset(page, 0, PAGE_SIZE);
}

/* Firmware has used the interrupt controllers of old, and RAM that abi.h says is zero. */
static void clean_up(const struct rs_boot_info *boot)
{
    const struct rs_boot_module *program = &boot->modules[0];
    uint64_t end = program->gpa + program->size;

    KiOut8(PIC1_DATA, 0xff);
    KiOut8(PIC2_DATA, 0xff);
    memset(MmPhysical(end), 0, boot->free_gpa - end);
    for (uint64_t gpa = boot->free_gpa; gpa < boot->memory_size; gpa += PAGE_SIZE)
        clear_page(MmPhysical(gpa));
}

uint64_t KiBuildBootInfo(uint32_t start_info_gpa)
{
    const struct hvm_start_info *start = at(start_info_gpa, sizeof(*start));
    struct rs_boot_info *boot = &boot_info;

    KiBootedByPvh = true;
    if (start->magic != START_INFO_MAGIC)
        KiRefuseBoot("the boot loader does not speak PVH");
    boot->magic = RS_BOOT_MAGIC;
    boot->version = RS_BOOT_VERSION;
    boot->size = sizeof(*boot);
    boot->memory_size = find_memory(start);
    boot->free_gpa = page_up(image_gpa(KiImageEnd));
    boot->cpu_count = KiFindProcessors(start->rsdp);
    take_command_line(boot, take_options(boot, start->command_line ? at(start->command_line,
                                                                        RS_BOOT_COMMAND_LINE_MAX)
                                                                   : ""));
    take_program(boot, start);
    clean_up(boot);
    boot->stamps_gpa = boot->free_gpa;
    boot->stamps_size = RS_STAMPS_SIZE;
    boot->free_gpa += RS_STAMPS_SIZE;
    KiFindTime(boot);
    return image_gpa(boot);
}
