/* SPDX-License-Identifier: MIT
 * Direct boot: another kernel's image -> guest memory and registers. */
#include "direct_boot.h"

#include "devices/acpi_tables.h"
#include "kvm/entry.h"

#include <inttypes.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_LINE (RS_GPA_DIRECT_BOOT + 0x2000)
#define MULTIBOOT_MAGIC 0x2badb002

static int image_error(struct rs_error *error, const struct rs_blob *kernel,
                       const struct rs_direct_error *wrong)
{
    return rs_error_set(error, RS_EXIT_IMAGE, "%s: %s", kernel->name, wrong->message);
}

/* Multiboot's command line begins with the image's name, as argv does. */
static int format_command_line(enum rs_protocol protocol, const struct rs_blob *kernel,
                               const char *given, char line[RS_DIRECT_COMMAND_LINE_SIZE],
                               struct rs_error *error)
{
    const char *slash = strrchr(kernel->name, '/');
    int size;

    given = given ? given : "";
    if (protocol == RS_PROTOCOL_MULTIBOOT)
        size = snprintf(line, RS_DIRECT_COMMAND_LINE_SIZE, "%s%s%s",
                        slash ? slash + 1 : kernel->name, *given ? " " : "", given);
    else
        size = snprintf(line, RS_DIRECT_COMMAND_LINE_SIZE, "%s", given);
    if (size < RS_DIRECT_COMMAND_LINE_SIZE)
        return 0;
    return rs_error_set(error, RS_EXIT_USAGE,
                        "--append: %zu characters; a command line has at most %d", strlen(given),
                        RS_DIRECT_COMMAND_LINE_SIZE - 1 - (size - (int)strlen(given)));
}

static int check(enum rs_protocol protocol, const struct rs_blob *kernel, const char *given,
                 uint64_t memory_size, struct rs_direct_image *image,
                 char line[RS_DIRECT_COMMAND_LINE_SIZE], struct rs_error *error)
{
    struct rs_direct_error wrong;

    if (rs_direct_parse(protocol, kernel->bytes, kernel->size, image, &wrong) != 0 ||
        rs_direct_check(image, memory_size, RS_GPA_DIRECT_BOOT, RS_GPA_DIRECT_BOOT_END, &wrong) !=
            0)
        return image_error(error, kernel, &wrong);
    if (format_command_line(protocol, kernel, given, line, error) != 0)
        return -1;
    if (protocol == RS_PROTOCOL_LINUX && strlen(line) > image->command_line)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "--append: %zu characters; %s takes %" PRIu32 " of them", strlen(line),
                            kernel->name, image->command_line);
    return 0;
}

int rs_direct_boot_check(enum rs_protocol protocol, const struct rs_blob *kernel,
                         const char *command_line, uint64_t memory_size, struct rs_error *error)
{
    char line[RS_DIRECT_COMMAND_LINE_SIZE];
    struct rs_direct_image image;

    return check(protocol, kernel, command_line, memory_size, &image, line, error);
}

/* RAM is zero already. */
static int place(const struct rs_memory *memory, const struct rs_direct_image *image)
{
    for (unsigned i = 0; i < image->segment_count; i++)
        if (rs_memory_write(memory, image->segments[i].gpa,
                            image->bytes + image->segments[i].file_offset,
                            image->segments[i].file_size) != 0)
            return -1;
    return 0;
}

/* Behind the kernel; for Linux, which may grow there, as high as it may lie. */
static int place_initrd(struct rs_machine *machine, const struct rs_machine_config *config,
                        const struct rs_direct_image *image, struct rs_direct_places *places,
                        struct rs_error *error)
{
    uint64_t low = (rs_direct_end(image) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    uint64_t high = config->memory_size, size = config->initrd.size;

    if (!config->initrd.bytes || size == 0)
        return 0;
    if (low < RS_GPA_HIGH_MEMORY)
        low = RS_GPA_HIGH_MEMORY;
    if (image->protocol == RS_PROTOCOL_LINUX && high > (uint64_t)image->initrd_max + 1)
        high = (uint64_t)image->initrd_max + 1;
    if (low > high || size > high - low)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "%s: %" PRIu64 " bytes do not fit into memory between 0x%" PRIx64
                            " and 0x%" PRIx64 ": raise --memory",
                            config->initrd.name, size, low, high);
    places->initrd = image->protocol == RS_PROTOCOL_LINUX ? (high - size) & ~(PAGE_SIZE - 1) : low;
    if (places->initrd < low)
        places->initrd = low;
    places->initrd_size = size;
    return rs_memory_write(&machine->vm.memory, places->initrd, config->initrd.bytes, size);
}

static int put_acpi_tables(struct rs_machine *machine)
{
    uint8_t *tables = malloc(RS_ACPI_TABLES_SIZE);
    int result = -1;

    if (tables) {
        rs_acpi_tables(tables, RS_GPA_ACPI_TABLES, machine->cpu_count);
        result =
            rs_memory_write(&machine->vm.memory, RS_GPA_ACPI_TABLES, tables, RS_ACPI_TABLES_SIZE);
    }
    free(tables);
    return result;
}

/* As many as QEMU's PC has: KVM's own number is the most that it can. */
#define MCE_BANKS 10

static int set_up_cpus(struct rs_machine *machine, struct rs_error *error)
{
    for (unsigned i = 0; i < machine->cpu_count; i++)
        if (rs_vcpu_set_mce_banks(&machine->cpus[i].vcpu, &machine->vm, MCE_BANKS, error) != 0)
            return -1;
    return 0;
}

static int enter(struct rs_machine *machine, const struct rs_direct_image *image,
                 const struct rs_direct_places *places, struct rs_error *error)
{
    const struct rs_memory *memory = &machine->vm.memory;
    uint64_t cr3, gdt;

    switch (image->protocol) {
    case RS_PROTOCOL_MULTIBOOT:
        return rs_direct_info_multiboot(memory, places) ||
               rs_vcpu_enter_protected(&machine->cpus[0].vcpu, (uint32_t)image->entry,
                                       MULTIBOOT_MAGIC, (uint32_t)places->info, error);
    case RS_PROTOCOL_PVH:
        return rs_direct_info_pvh(memory, places) ||
               rs_vcpu_enter_protected(&machine->cpus[0].vcpu, (uint32_t)image->entry, 0,
                                       (uint32_t)places->info, error);
    default:
        return rs_direct_info_linux(memory, places, image) ||
               rs_direct_info_long_mode(memory, &cr3, &gdt) ||
               rs_vcpu_enter_linux(&machine->cpus[0].vcpu, image->entry, places->info, cr3, gdt,
                                   error);
    }
}

/* The tables come first: an image that is loaded over them has its way. */
int rs_direct_boot(struct rs_machine *machine, const struct rs_machine_config *config,
                   struct rs_error *error)
{
    struct rs_direct_places places = {
        .memory_size = config->memory_size,
        .command_line = COMMAND_LINE,
        .info = RS_GPA_DIRECT_BOOT,
    };
    char line[RS_DIRECT_COMMAND_LINE_SIZE];
    struct rs_direct_image image;

    if (check(config->protocol, &config->kernel, config->command_line, config->memory_size, &image,
              line, error) != 0)
        return -1;
    if (set_up_cpus(machine, error) != 0)
        return -1;
    rs_error_set(error, RS_EXIT_IMAGE, "%s: no memory where the boot information goes",
                 config->kernel.name);
    if (put_acpi_tables(machine) != 0 || place(&machine->vm.memory, &image) != 0 ||
        place_initrd(machine, config, &image, &places, error) != 0 ||
        rs_memory_write(&machine->vm.memory, COMMAND_LINE, line, strlen(line) + 1) != 0)
        return -1;
    return enter(machine, &image, &places, error) == 0 ? 0 : -1;
}
