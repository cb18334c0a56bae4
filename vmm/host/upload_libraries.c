/* SPDX-License-Identifier: MIT
 * The shared libraries that the command needs inside. */
#include "process.h"
#include "upload.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LISTING_MAX 65536

/* All of the file that matters for PT_INTERP: it comes early, before the first PT_LOAD. */
static int read_beginning(const char *binary, uint8_t *bytes, size_t size, struct rs_error *error)
{
    int file = open(binary, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : pread(file, bytes, size, 0);

    if (length < 0)
        rs_error_errno(error, errno == ENOENT ? RS_EXIT_NOT_FOUND : RS_EXIT_IMAGE, errno, "%s",
                       binary);
    if (file >= 0)
        close(file);
    return (int)length;
}

/* Points *loader into `bytes`, or leaves it NULL when the executable is static. */
static int find_loader(const uint8_t *bytes, size_t size, const char **loader)
{
    Elf64_Ehdr header;
    Elf64_Phdr program;

    *loader = NULL;
    if (size < sizeof(header))
        return -1;
    memcpy(&header, bytes, sizeof(header));
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(program))
        return -1;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        if (header.e_phoff > size || size - header.e_phoff < (i + 1) * sizeof(program))
            return -1;
        memcpy(&program, bytes + header.e_phoff + i * sizeof(program), sizeof(program));
        if (program.p_type != PT_INTERP)
            continue;
        if (program.p_offset > size || program.p_filesz > size - program.p_offset ||
            !memchr(bytes + program.p_offset, '\0', program.p_filesz))
            return -1;
        *loader = (const char *)bytes + program.p_offset;
        return 0;
    }
    return 0;
}

/* A line of the loader's listing: "\tNAME => PATH (0x...)". The vDSO and the loader itself have no
 * arrow. Inside, every library is in /lib under the name that is asked for: the loader looks there
 * after the places that the executable names. */
static int upload_line(struct rs_channel *channel, const char *line, struct rs_error *error)
{
    char name[NAME_MAX + 1], path[PATH_MAX], inner[NAME_MAX + 16], *address;

    if (strstr(line, "=> not found"))
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: library%.100s", line);
    if (sscanf(line, " %255[^ /] => %4095[^\n]", name, path) != 2)
        return 0;
    address = strrchr(path, ' ');
    if (address)
        *address = '\0';
    snprintf(inner, sizeof(inner), "/lib/%s", name);
    return rs_upload_file(channel, path, inner, error);
}

static int upload_listing(struct rs_channel *channel, char *listing, struct rs_error *error)
{
    char *rest = NULL;

    for (char *line = strtok_r(listing, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (upload_line(channel, line, error) != 0)
            return -1;
    return 0;
}

int rs_upload_libraries(struct rs_channel *channel, const char *binary, struct rs_error *error)
{
    static char listing[LISTING_MAX];
    uint8_t bytes[8192];
    const char *loader;
    int size = read_beginning(binary, bytes, sizeof(bytes), error);

    if (size < 0)
        return -1;
    if (find_loader(bytes, (size_t)size, &loader) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s: not a sound ELF64 file", binary);
    if (!loader)
        return 0;

    const char *const argv[] = {loader, "--list", binary, NULL};

    if (rs_spawn_run(channel->wait, argv, NULL, listing, sizeof(listing), error) != 0 ||
        upload_listing(channel, listing, error) != 0)
        return -1;
    return rs_upload_file(channel, loader, loader, error);
}
