/* SPDX-License-Identifier: MIT
 * One Bochs process: what it is told, and its start. */
#include "bochs.h"

#include "process.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

/* Descriptors in the process; it opens them by their names in /proc. */
enum descriptor {
    INPUT, /* 3: the other end of a terminal: Bochs has no plainer two-way serial port */
    OUTPUT,
    MESSAGES,
    DISK,
    ROM,
    SETTINGS,
    ORDERS,
    VGA_ROM, /* empty: Bochs does not start without one, and Debian's package may bring none */
    DESCRIPTORS
};
_Static_assert(DESCRIPTORS <= RS_SPAWN_INHERIT_MAX, "all can be handed over");

/*
 * Nothing but what the kernel needs: no PCI bus, no window (`term` draws nothing without a
 * terminal), no sound, no network; so nothing inside reaches the host. Time passes with the
 * instructions that are executed, which is what makes figures repeat. Debian's build is the one
 * with the debugger, which waits for an order.
 */
static const char settings[] = "display_library: term, options=\"hideIPS\"\n"
                               "cpu: model=%s, count=1, ips=100000000, reset_on_triple_fault=0\n"
                               "memory: guest=%u, host=%u\n"
                               "romimage: file=/proc/self/fd/7, address=0xffff0000\n"
                               "vgaromimage: file=/proc/self/fd/10\n"
                               "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14\n"
                               "ata0-master: type=disk, path=/proc/self/fd/6, mode=flat, "
                               "cylinders=%u, heads=16, spt=63\n"
                               "pci: enabled=0\n"
                               "clock: sync=none, time0=utc\n"
                               "com1: enabled=1, mode=term, dev=/proc/self/fd/3\n"
                               "com2: enabled=1, mode=file, dev=/proc/self/fd/5\n"
                               "parport1: enabled=1, file=/proc/self/fd/4\n"
                               "log: /proc/self/fd/5\n"
                               "logprefix: %%d\n"
                               "panic: action=fatal\n"
                               "error: action=ignore\n"
                               "info: action=ignore\n"
                               "debug: action=ignore\n";

static const uint8_t empty_rom[512]; /* the smallest; its bytes add up to 0, as they must */

int rs_bochs_check(enum rs_host_kind kind, struct rs_error *error)
{
    char path[PATH_MAX];

    if (rs_emulator_find(RS_BOCHS_PROGRAM, path) == 0)
        return 0;
    return rs_error_set(error, RS_EXIT_HOST,
                        RS_BOCHS_PROGRAM " not found: --host %s needs it (Debian: apt-get install "
                                         "bochs bochs-term)",
                        rs_host_describe(kind)->name);
}

static int put_file(const char *name, const void *bytes, size_t size)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    if (fd >= 0 && write(fd, bytes, size) == (ssize_t)size)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int put_settings(const struct rs_host_description *kind, const struct rs_bochs_disk *disk,
                        unsigned memory_mib)
{
    char text[sizeof(settings) + 128];
    int size = snprintf(text, sizeof(text), settings, kind->model, memory_mib, memory_mib,
                        disk->cylinders);

    return put_file("bochsrc", text, (size_t)size);
}

/* Raw: Bochs leaves a terminal as it is, and one that edits lines keeps what is behind the last
 * newline, takes ^C, ^D, ^S and their like out, and makes a newline of a carriage return. */
static int open_terminal(int ends[2])
{
    struct termios mode;
    char name[64];

    ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (ends[0] < 0 || grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0 ||
        ptsname_r(ends[0], name, sizeof(name)) != 0)
        return -1;
    ends[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends[1] < 0 || tcgetattr(ends[1], &mode) != 0)
        return -1;
    cfmakeraw(&mode);
    return tcsetattr(ends[1], TCSANOW, &mode);
}

/* A pipe that does not block on our side. */
static int open_pipe(int *ours, int *theirs)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    *ours = ends[0];
    *theirs = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static int open_all(struct rs_emulator *emulator, const struct rs_host_description *kind,
                    const struct rs_bochs_disk *disk, unsigned memory_mib, int theirs[DESCRIPTORS])
{
    int terminal[2] = {-1, -1};
    int result = open_terminal(terminal);

    emulator->input = terminal[0];
    theirs[INPUT] = terminal[1];
    if (result != 0 || open_pipe(&emulator->channel, &theirs[OUTPUT]) != 0 ||
        open_pipe(&emulator->messages, &theirs[MESSAGES]) != 0)
        return -1;
    theirs[DISK] = fcntl(fileno(disk->file), F_DUPFD_CLOEXEC, 0);
    theirs[ROM] = put_file("rom", rs_bochs_rom, RS_BOCHS_ROM_SIZE);
    theirs[SETTINGS] = put_settings(kind, disk, memory_mib);
    theirs[ORDERS] = put_file("orders", "c\n", 2);
    theirs[VGA_ROM] = put_file("vgarom", empty_rom, sizeof(empty_rom));
    for (int i = 0; i < DESCRIPTORS; i++)
        if (theirs[i] < 0)
            return -1;
    return 0;
}

static int spawn(struct rs_emulator *emulator, const int theirs[DESCRIPTORS],
                 struct rs_error *error)
{
    static const char *const argv[] = {RS_BOCHS_PROGRAM,  "-q", "-f", "/proc/self/fd/8", "-rc",
                                       "/proc/self/fd/9", NULL};
    char program[PATH_MAX];
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC), result;
    struct rs_spawn spawn = {.argv = argv,
                             .out = quiet,
                             .err = theirs[MESSAGES],
                             .inherit_count = DESCRIPTORS,
                             .terminal = "vt100",
                             .confine = rs_sandbox_enter_bochs,
                             .program = program};

    if (quiet < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "/dev/null");
    for (int i = 0; i < DESCRIPTORS; i++)
        spawn.inherit[i] = theirs[i];
    result = rs_emulator_find(RS_BOCHS_PROGRAM, program) == 0
                 ? rs_spawn(&spawn, &emulator->pid, error)
                 : rs_error_set(error, RS_EXIT_HOST, RS_BOCHS_PROGRAM " not found");
    close(quiet);
    return result;
}

int rs_bochs_start(struct rs_emulator *emulator, const struct rs_host_description *kind,
                   const struct rs_bochs_disk *disk, unsigned memory_mib, struct rs_error *error)
{
    int theirs[DESCRIPTORS];
    int result;

    *emulator = (struct rs_emulator)RS_EMULATOR_NONE;
    for (int i = 0; i < DESCRIPTORS; i++)
        theirs[i] = -1;
    result = open_all(emulator, kind, disk, memory_mib, theirs) == 0
                 ? spawn(emulator, theirs, error)
                 : rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: Bochs's files");
    for (int i = 0; i < DESCRIPTORS; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    if (result != 0) {
        emulator->pid = -1;
        rs_emulator_stop(emulator);
    }
    return result;
}
