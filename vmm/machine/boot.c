/* SPDX-License-Identifier: MIT
 * Boot: kernel, program and boot information -> guest memory. */
#include "boot.h"

#include "loader/elf64.h"
#include "trace/ctf/metadata.h"

#include <ringscope/abi.h>
#include <ringscope/stamp.h>
#include <ringscope/x86/msr.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* KVM's LAPIC timer counts nanoseconds: KVM API, "KVM_CAP_X86_APIC_BUS_CYCLES_NS". */
#define KVM_APIC_TIMER_HZ RS_U64(1000000000)
/* From 1601-01-01 to 1970-01-01, in units of 100 ns: [MS-DTYP], "FILETIME". */
#define FILETIME_EPOCH RS_U64(116444736000000000)

static uint64_t page_up(uint64_t value)
{
    return (value + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

static int image_error(struct rs_error *error, const struct rs_blob *blob,
                       const struct rs_elf64_error *elf)
{
    return rs_error_set(error, RS_EXIT_IMAGE, "%s: %s", blob->name, elf->message);
}

static int place_segment(void *context, uint64_t gpa, const void *bytes, size_t file_size,
                         size_t memory_size)
{
    (void)memory_size; /* RAM is zero already, and no two segments share a byte */
    return rs_memory_write(context, gpa, bytes, file_size);
}

static int check_kernel(const struct rs_blob *kernel, uint64_t memory_size,
                        struct rs_elf64_image *image, struct rs_error *error)
{
    struct rs_elf64_error elf;

    if (rs_elf64_parse(kernel->bytes, kernel->size, image, &elf) != 0 ||
        rs_elf64_check_kernel(image, RS_GPA_BOOT_TABLES_END, memory_size, &elf) != 0)
        return image_error(error, kernel, &elf);
    return 0;
}

/* kernel NULL: a module was held against it before. */
static int check_program(const struct rs_blob *kernel, const struct rs_blob *program,
                         struct rs_error *error)
{
    struct rs_elf64_image image;
    struct rs_elf64_error elf;

    if (rs_elf64_parse(program->bytes, program->size, &image, &elf) != 0)
        return image_error(error, program, &elf);
    if (kernel && rs_elf64_is_module(&image)) {
        if (rs_elf64_check_module(&image, rs_ctf_hash(kernel->bytes, kernel->size), &elf) != 0)
            return image_error(error, program, &elf);
        return 0;
    }
    if (!rs_elf64_is_module(&image) && rs_elf64_check_program(&image, &elf) != 0)
        return image_error(error, program, &elf);
    return 0;
}

int rs_boot_check(const struct rs_blob *kernel, const struct rs_blob *program, uint64_t memory_size,
                  struct rs_error *error)
{
    struct rs_elf64_image image;

    if (check_kernel(kernel, memory_size, &image, error) != 0)
        return -1;
    return program->bytes ? check_program(kernel, program, error) : 0;
}

static int load_kernel(struct rs_machine *machine, const struct rs_machine_config *config,
                       struct rs_elf64_image *image, struct rs_error *error)
{
    struct rs_elf64_error elf;

    if (check_kernel(&config->kernel, config->memory_size, image, error) != 0)
        return -1;
    if (rs_elf64_place(image, place_segment, &machine->vm.memory, &elf) != 0)
        return image_error(error, &config->kernel, &elf);
    return 0;
}

/* A file travels whole, zero-filled to the end of its last page. */
static int load_module(struct rs_machine *machine, const struct rs_blob *file,
                       struct rs_boot_info *info, struct rs_error *error)
{
    struct rs_boot_module *module = &info->modules[info->module_count];

    if (info->module_count == RS_BOOT_MODULES_MAX)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "%s: a guest takes %d files, the program among "
                            "them",
                            file->name, RS_BOOT_MODULES_MAX);
    if (file->size > info->memory_size - info->free_gpa ||
        rs_memory_write(&machine->vm.memory, info->free_gpa, file->bytes, file->size) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "%s: %zu bytes do not fit into the guest's memory: raise --memory",
                            file->name, file->size);
    module->gpa = info->free_gpa;
    module->size = file->size;
    strncpy(module->name, file->name, sizeof(module->name) - 1);
    info->module_count++;
    info->free_gpa = page_up(info->free_gpa + file->size);
    return 0;
}

/* The place of a program that comes later, and the first of them, if there is one. */
static int reserve_program(struct rs_machine *machine, const struct rs_machine_config *config,
                           struct rs_boot_info *info, struct rs_error *error)
{
    uint64_t gpa = info->free_gpa;

    if (config->program_room > info->memory_size - gpa)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "programs of %llu bytes do not fit into the guest's memory: raise "
                            "--memory",
                            (unsigned long long)config->program_room);
    info->flags |= RS_BOOT_READY | RS_BOOT_RESIDENT;
    if (config->program.bytes) {
        if (check_program(&config->kernel, &config->program, error) != 0 ||
            load_module(machine, &config->program, info, error) != 0)
            return -1;
    } else {
        info->modules[0].gpa = gpa;
        info->module_count = 1;
    }
    info->free_gpa = page_up(gpa + config->program_room);
    return 0;
}

/* The program is loaded by the guest's kernel. It is checked here because the person who named the
 * file is here. */
static int load_files(struct rs_machine *machine, const struct rs_machine_config *config,
                      struct rs_boot_info *info, struct rs_error *error)
{
    if (config->ready)
        return reserve_program(machine, config, info, error);
    if (config->program.bytes && (check_program(&config->kernel, &config->program, error) != 0 ||
                                  load_module(machine, &config->program, info, error) != 0))
        return -1;
    for (unsigned i = 0; i < config->module_count; i++)
        if (load_module(machine, &config->modules[i], info, error) != 0)
            return -1;
    return 0;
}

static struct rs_boot_disk describe_pagefile(const struct rs_machine_pagefile *pagefile)
{
    if (pagefile->size == 0)
        return (struct rs_boot_disk){0};
    return (struct rs_boot_disk){
        .gpa = RS_GPA_PAGEFILE_DEVICE,
        .size = pagefile->size,
        .gsi = RS_GSI_PAGEFILE_DEVICE,
    };
}

/* Behind the files, like one of them: the kernel's memory manager leaves it alone. */
static int reserve_stamps(struct rs_machine *machine, struct rs_boot_info *info,
                          struct rs_error *error)
{
    const struct rs_stamps head = {
        .magic = RS_STAMPS_MAGIC,
        .capacity = RS_STAMP_RECORDS_MAX,
    };

    if (RS_STAMPS_SIZE > info->memory_size - info->free_gpa)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "the stamp area does not fit into the guest's memory: raise --memory");
    machine->stamps_gpa = info->stamps_gpa = info->free_gpa;
    info->stamps_size = RS_STAMPS_SIZE;
    info->free_gpa += RS_STAMPS_SIZE;
    return rs_memory_write(&machine->vm.memory, info->stamps_gpa, &head, sizeof(head));
}

static int put_arguments(char *const *arguments, struct rs_boot_info *info, struct rs_error *error)
{
    for (char *const *argument = arguments; argument && *argument; argument++) {
        size_t size = strlen(*argument) + 1;

        if (size > sizeof(info->command_line) - info->command_line_size)
            return rs_error_set(error, RS_EXIT_USAGE,
                                "the program's arguments take more than the %zu bytes there are",
                                sizeof(info->command_line));
        memcpy(info->command_line + info->command_line_size, *argument, size);
        info->command_line_size += (uint32_t)size;
    }
    return 0;
}

static void put_time(struct rs_machine *machine, struct rs_boot_info *info)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    info->boot_time =
        FILETIME_EPOCH + (uint64_t)now.tv_sec * 10000000 + (uint64_t)now.tv_nsec / 100;
    if (rs_vcpu_get_msr(&machine->cpus[0].vcpu, MSR_TSC, &info->boot_tsc) != 0)
        info->boot_tsc = 0;
    info->tsc_hz = machine->tsc_hz;
    info->apic_timer_hz = KVM_APIC_TIMER_HZ;
}

static int load(struct rs_machine *machine, const struct rs_machine_config *config,
                struct rs_boot_info *info, struct rs_boot_plan *plan, struct rs_error *error)
{
    struct rs_elf64_image kernel;

    if (load_kernel(machine, config, &kernel, error) != 0 ||
        rs_boot_tables(&machine->vm.memory, &kernel, config->memory_size, &plan->cr3, error) != 0)
        return -1;
    plan->entry = kernel.entry;
    *info = (struct rs_boot_info){
        .magic = RS_BOOT_MAGIC,
        .version = RS_BOOT_VERSION,
        .size = sizeof(*info),
        .memory_size = config->memory_size,
        .free_gpa = page_up(rs_elf64_paddr_end(&kernel)),
        .cpu_count = machine->cpu_count,
        .pagefile = describe_pagefile(&config->pagefile),
        .flags = config->kva_shadow ? RS_BOOT_KVA_SHADOW : 0,
    };
    if (load_files(machine, config, info, error) != 0 ||
        (config->stamps && reserve_stamps(machine, info, error) != 0) ||
        put_arguments(config->arguments, info, error) != 0)
        return -1;
    put_time(machine, info);
    plan->free_gpa = info->free_gpa;
    return rs_memory_write(&machine->vm.memory, RS_GPA_BOOT_INFO, info, sizeof(*info));
}

int rs_boot_load(struct rs_machine *machine, const struct rs_machine_config *config,
                 struct rs_boot_plan *plan, struct rs_error *error)
{
    struct rs_boot_info *info = malloc(sizeof(*info));
    int result;

    if (!info)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    result = load(machine, config, info, plan, error);
    free(info);
    return result;
}

/* What a longer program has left behind a shorter one. */
static int clear_rest(const struct rs_memory *memory, uint64_t gpa, uint64_t size, uint64_t before)
{
    static const char zeros[PAGE_SIZE];

    for (uint64_t part; size < before; size += part) {
        part = before - size < PAGE_SIZE ? before - size : PAGE_SIZE;
        if (rs_memory_write(memory, gpa + size, zeros, part) != 0)
            return -1;
    }
    return 0;
}

/* The guest's memory is the snapshot's, made by rs_boot_load(): what is read there was checked. */
int rs_boot_put_program(struct rs_machine *machine, const struct rs_blob *program,
                        char *const *arguments, struct rs_error *error)
{
    const struct rs_memory *memory = &machine->vm.memory;
    struct rs_boot_info info;

    if (check_program(NULL, program, error) != 0)
        return -1;
    if (rs_memory_read(memory, RS_GPA_BOOT_INFO, &info, sizeof(info)) != 0 ||
        program->size > info.free_gpa - info.modules[0].gpa ||
        rs_memory_write(memory, info.modules[0].gpa, program->bytes, program->size) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "%s: %zu bytes do not fit where the program belongs", program->name,
                            program->size);
    if (clear_rest(memory, info.modules[0].gpa, program->size, info.modules[0].size) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "%s: no memory behind it", program->name);
    info.modules[0].size = program->size;
    memset(info.modules[0].name, 0, sizeof(info.modules[0].name));
    strncpy(info.modules[0].name, program->name, sizeof(info.modules[0].name) - 1);
    info.command_line_size = 0;
    if (put_arguments(arguments, &info, error) != 0)
        return -1;
    return rs_memory_write(memory, RS_GPA_BOOT_INFO, &info, sizeof(info));
}
