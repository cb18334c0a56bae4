/* SPDX-License-Identifier: MIT
 * One QEMU process: its command line, and what identifies a saved machine. */
#include "qemu_options.h"

#include "modules.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * q35 has the PM timer by which the kernel measures the TSC. microvm has not: there one boot in
 * five fails to, and hangs. `tsc=reliable`: the clock of a machine that was stopped for a week is
 * sound. Nothing inside reaches a file, the network or a process of the host, and QEMU may start
 * none.
 */
static const char *const fixed[][2] = {
    {"-accel", "tcg"},
    {"-cpu", "max"},
    {"-machine", "q35,memory-backend=ram"},
    {"-display", "none"},
    {"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"},
    {"-chardev", "stdio,id=console,signal=off"},
    {"-serial", "chardev:console"},
    {"-chardev", "socket,id=channel,fd=3"},
    {"-device", "virtio-serial-pci"},
    {"-device", "virtserialport,chardev=channel,name=" RS_HOST_PORT},
    {"-chardev", "socket,id=monitor,fd=4"},
    {"-mon", "chardev=monitor,mode=control"},
    {"-initrd", RS_QEMU_INITRD},
    {"-append",
     "console=ttyS0 quiet panic=-1 reboot=t mitigations=off nokaslr tsc=reliable "
     "no_timer_check nowatchdog audit=0 lsm=landlock 8250.nr_uarts=1 random.trust_cpu=on"},
};

#define FIXED_COUNT (sizeof(fixed) / sizeof(fixed[0]))
_Static_assert(2 * FIXED_COUNT + 14 < RS_QEMU_OPTIONS_MAX, "the list holds all options");

void rs_qemu_options(struct rs_qemu_options *options, const struct rs_qemu_config *config)
{
    const char **next = options->argv;

    *next++ = RS_QEMU_PROGRAM;
    *next++ = "-nodefaults";
    *next++ = "-no-user-config";
    *next++ = "-no-reboot";
    for (size_t i = 0; i < FIXED_COUNT; i++) {
        *next++ = fixed[i][0];
        *next++ = fixed[i][1];
    }
    snprintf(options->size, sizeof(options->size), "%uM", config->memory_mib);
    if (config->mode == RS_QEMU_BOOT)
        snprintf(options->memory, sizeof(options->memory), "memory-backend-ram,id=ram,size=%uM",
                 config->memory_mib);
    else
        snprintf(options->memory, sizeof(options->memory),
                 "memory-backend-file,id=ram,size=%uM,mem-path=" RS_QEMU_MEMORY ",share=%s",
                 config->memory_mib, config->mode == RS_QEMU_SAVE ? "on" : "off");
    *next++ = "-m";
    *next++ = options->size;
    *next++ = "-object";
    *next++ = options->memory;
    *next++ = "-kernel";
    *next++ = config->kernel;
    if (config->mode == RS_QEMU_RESTORE) {
        *next++ = "-incoming";
        *next++ = "defer";
    }
    *next = NULL;
}

uint64_t rs_hash(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

int rs_qemu_identify(const struct rs_qemu_config *config, uint64_t *hash, struct rs_error *error)
{
    struct rs_qemu_options options;
    struct stat status;
    char path[PATH_MAX];

    if (rs_emulator_find(RS_QEMU_PROGRAM, path) != 0 || stat(path, &status) != 0)
        return rs_error_set(error, RS_EXIT_HOST,
                            RS_QEMU_PROGRAM
                            " not found: install it (Debian: apt-get install qemu-system-x86)");
    *hash = rs_hash(*hash, &status.st_size, sizeof(status.st_size));
    *hash = rs_hash(*hash, &status.st_mtim, sizeof(status.st_mtim));
    rs_qemu_options(&options, config);
    for (size_t i = 0; options.argv[i]; i++)
        *hash = rs_hash(*hash, options.argv[i], strlen(options.argv[i]) + 1);
    return 0;
}
