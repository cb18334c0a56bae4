/* SPDX-License-Identifier: MIT
 * The disk of a Bochs machine. */
#include "bochs_disk.h"

#include "cpio.h"
#include "initrd.h"
#include "kernel.h"
#include "modules.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define HOLE (3072 * MIB) /* of devices: memory goes on at 4 GiB */
#define TEXT_OFFSET 0x2000
#define TRACK (16 * 63 * RS_BOCHS_SECTOR)

/* Nothing is probed that is not there, no algorithm tested by the machine's own kernel: what is
 * left of the boot is a billion instructions. */
static const char text[] =
    "console=ttyS1 quiet panic=-1 reboot=t mitigations=off nokaslr tsc=reliable no_timer_check "
    "nowatchdog audit=0 lsm=landlock 8250.nr_uarts=2 random.trust_cpu=on lapic i8042.noaux=1 "
    "i8042.nokbd=1 cryptomgr.notests acpi=off pci=off noapic";

struct parameters {
    struct boot_params boot;
    char space[TEXT_OFFSET - sizeof(struct boot_params)];
    char text[RS_BOCHS_SECTOR];
};
_Static_assert(sizeof(text) <= RS_BOCHS_SECTOR, "the command line has room");

static int failed(struct rs_error *error)
{
    return rs_error_errno(error, RS_EXIT_HOST, errno ? errno : EIO, "the disk of the machine");
}

static int pad(FILE *file)
{
    static const uint8_t zeros[RS_BOCHS_SECTOR];
    long at = ftell(file);
    size_t rest = at < 0 ? 0 : -(size_t)at % RS_BOCHS_SECTOR;

    return at >= 0 && (rest == 0 || fwrite(zeros, rest, 1, file) == 1) ? 0 : -1;
}

static void *map_file(int fd, size_t *size)
{
    struct stat status;
    void *bytes;

    if (fstat(fd, &status) != 0)
        return NULL;
    *size = (size_t)status.st_size;
    bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

/* The protected-mode part; and the setup header, which ends where its jump at 200h leads. */
static int add_image(struct rs_bochs_disk *disk, const uint8_t *bytes, size_t size)
{
    const size_t begin = offsetof(struct boot_params, hdr);
    size_t real, end;

    errno = ENOEXEC;
    if (size < 0x1000 ||
        memcmp(bytes + begin + offsetof(struct setup_header, header), "HdrS", 4) != 0)
        return -1;
    real = (bytes[begin] ? bytes[begin] + 1u : 5u) * RS_BOCHS_SECTOR;
    end = 0x202u + bytes[0x201];
    if (real >= size || end - begin > sizeof(disk->setup) ||
        end - begin > sizeof(struct setup_header))
        return -1;
    disk->setup_size = end - begin;
    memcpy(disk->setup, bytes + begin, disk->setup_size);
    return fwrite(bytes + real, size - real, 1, disk->file) == 1 ? pad(disk->file) : -1;
}

static int add_kernel(struct rs_bochs_disk *disk, const char *kernel)
{
    char path[PATH_MAX];
    size_t size;
    void *bytes;
    int fd, result = -1;

    if (snprintf(path, sizeof(path), "%s/" RS_KERNEL_IMAGE, kernel) >= (int)sizeof(path))
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    bytes = map_file(fd, &size);
    if (bytes) {
        result = add_image(disk, bytes, size);
        munmap(bytes, size);
    }
    close(fd);
    return result;
}

static void add_part(struct rs_bochs_disk *disk, unsigned part, uint32_t address, long begin,
                     long end)
{
    disk->table.parts[part].address = address;
    disk->table.parts[part].sectors = (uint32_t)((end - begin) / (long)RS_BOCHS_SECTOR);
}

static FILE *create(void)
{
    int fd = memfd_create("ringscope-disk", MFD_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

    if (fd >= 0 && !file)
        close(fd);
    return file;
}

int rs_bochs_disk_begin(struct rs_bochs_disk *disk, const char *kernel,
                        const struct rs_host_description *kind, struct rs_error *error)
{
    const long parameters = RS_BOCHS_SECTOR, image = parameters + (long)sizeof(struct parameters);

    *disk = (struct rs_bochs_disk){.file = create()};
    if (!disk->file || fseek(disk->file, image, SEEK_SET) != 0)
        return failed(error);
    if (add_kernel(disk, kernel) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "%s/" RS_KERNEL_IMAGE, kernel);
    disk->initrd = ftell(disk->file);
    add_part(disk, 0, RS_BOCHS_PARAMETERS, parameters, image);
    add_part(disk, 1, RS_BOCHS_KERNEL, image, disk->initrd);
    return rs_initrd_write_to(disk->file, kernel, kind, error);
}

static int add_inbox(struct rs_bochs_disk *disk, int inbox)
{
    struct rs_cpio_entry entry = {.name = RS_HOST_INBOX, .mode = S_IFREG | 0400};
    void *bytes = map_file(inbox, &entry.size);
    int result = -1;

    if (!bytes)
        return -1;
    entry.data = bytes;
    if (rs_cpio_add(disk->file, &entry) == 0 && rs_cpio_end(disk->file) == 0)
        result = 0;
    munmap(bytes, entry.size);
    return result;
}

static void add_memory(struct boot_params *boot, uint64_t address, uint64_t size)
{
    boot->e820_table[boot->e820_entries++] =
        (struct boot_e820_entry){.addr = address, .size = size, .type = 1};
}

static void fill(const struct rs_bochs_disk *disk, struct parameters *parameters,
                 uint32_t initrd_size, uint64_t memory)
{
    struct boot_params *boot = &parameters->boot;

    memcpy(&boot->hdr, disk->setup, disk->setup_size);
    boot->hdr.type_of_loader = 0xff;
    boot->hdr.loadflags |= LOADED_HIGH;
    boot->hdr.ramdisk_image = RS_BOCHS_INITRD;
    boot->hdr.ramdisk_size = initrd_size;
    boot->hdr.cmd_line_ptr = RS_BOCHS_PARAMETERS + TEXT_OFFSET;
    add_memory(boot, 0, 0x9f000);
    add_memory(boot, MIB, (memory < HOLE ? memory : HOLE) - MIB);
    if (memory > HOLE)
        add_memory(boot, 4096 * MIB, memory - HOLE);
    memcpy(parameters->text, text, sizeof(text));
}

int rs_bochs_disk_end(struct rs_bochs_disk *disk, int inbox, unsigned memory_mib,
                      struct rs_error *error)
{
    struct parameters parameters = {0};
    long end;

    errno = 0;
    if (add_inbox(disk, inbox) != 0 || pad(disk->file) != 0)
        return failed(error);
    end = ftell(disk->file);
    if ((uint64_t)(end - disk->initrd) > memory_mib * MIB / 2 - RS_BOCHS_INITRD / 2)
        return rs_error_set(error, RS_EXIT_HOST, "the command's files do not fit into %u MiB",
                            memory_mib);
    add_part(disk, 2, RS_BOCHS_INITRD, disk->initrd, end);
    fill(disk, &parameters, (uint32_t)(end - disk->initrd), memory_mib * MIB);
    disk->cylinders = (unsigned)(((unsigned long)end + TRACK - 1) / TRACK);
    if (fseek(disk->file, 0, SEEK_SET) != 0 ||
        fwrite(&disk->table, sizeof(disk->table), 1, disk->file) != 1 ||
        fseek(disk->file, RS_BOCHS_SECTOR, SEEK_SET) != 0 ||
        fwrite(&parameters, sizeof(parameters), 1, disk->file) != 1 || fflush(disk->file) != 0 ||
        ftruncate(fileno(disk->file), (off_t)disk->cylinders * TRACK) != 0)
        return failed(error);
    return 0;
}

void rs_bochs_disk_close(struct rs_bochs_disk *disk)
{
    if (disk->file)
        fclose(disk->file);
    disk->file = NULL;
}
