/* SPDX-License-Identifier: MIT
 * A library to preload into a VMM: the time that its vCPU thread spends between one KVM_RUN and the
 * next, which is the VMM's own share of an exit, by stamps around the call. */

/*
 * It stands in for libc's ioctl(), so the same instructions are around KVM_RUN in each VMM. Only
 * the exits of peer_exits.S that no device answers are kept. Behind each block of them, at the end
 * of its line, the VMM waits until the others have had a block each: what the machine does to one
 * (another clock, a cache that is not its own) it does to all. What is written goes to memory that
 * is mapped before the VMM's own code runs: a sandbox neither hinders it nor runs for it, but for
 * the futex of a turn, which is between blocks.
 */
#include "stamps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/kvm.h>
#include <ringscope/abi.h>
#include <ringscope/stamp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SILENT_PORT 0x2f0 /* as in peer_exits.S */
#define SILENT_ADDRESS 0xd0100000
#define RUN_SIZE 8192      /* the structure, and the page of a port's data behind it */
#define NOTICE_NS 50000000 /* of one that has gone without a word */

enum exit_kind {
    EXIT_OTHER,
    EXIT_PIO = 'P',
    EXIT_MMIO = 'M',
    EXIT_LINE_END = '\n',
    EXIT_LAST = 'E'
};

static struct {
    struct stamps *shared; /* NULL: nothing is measured */
    unsigned vmm, used;    /* which this is, and its blocks so far */
    int vcpu; /* the last that was made: before it, a VMM may have looked at what KVM can */
    const struct kvm_run *run;
    struct stamps_block *block; /* that is being filled, or was */
    bool in_block;
    uint64_t entered, returned; /* the last KVM_RUN */
    enum exit_kind last;
} self = {.vcpu = -1};

static size_t bytes_of_block(const struct stamps *shared)
{
    return sizeof(struct stamps_block) + shared->exits * sizeof(struct stamps_exit);
}

static struct stamps_block *block_at(unsigned index)
{
    size_t before = (size_t)self.vmm * self.shared->blocks + index;

    return (struct stamps_block *)((char *)(self.shared + 1) +
                                   before * bytes_of_block(self.shared));
}

static struct stamps *map_path(const char *path)
{
    struct stat status = {0};
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stamps *shared;

    if (fd < 0 || fstat(fd, &status) != 0)
        abort();
    shared = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                  fd, 0);
    close(fd);
    if (shared == MAP_FAILED || shared->vmms > STAMPS_VMMS_MAX ||
        sizeof(*shared) + (size_t)shared->vmms * shared->blocks * bytes_of_block(shared) >
            (size_t)status.st_size)
        abort();
    return shared;
}

__attribute__((constructor)) static void begin(void)
{
    char path[PATH_MAX];
    const char *text = getenv(STAMPS_VARIABLE);
    const char *colon = text ? strrchr(text, ':') : NULL;

    if (!colon || (size_t)(colon - text) >= sizeof(path))
        return;
    memcpy(path, text, (size_t)(colon - text));
    path[colon - text] = '\0';
    self.vmm = (unsigned)strtoul(colon + 1, NULL, 10);
    self.shared = map_path(path);
    if (self.vmm >= self.shared->vmms)
        abort();
}

static void pass_turn(void)
{
    struct stamps *shared = self.shared;
    uint32_t next = self.vmm;

    do
        next = (next + 1) % shared->vmms;
    while (next != self.vmm && atomic_load(&shared->state[next]) != STAMPS_TAKES_TURNS);
    atomic_store(&shared->turn, next);
    syscall(SYS_futex, &shared->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool is_my_turn(uint32_t turn)
{
    for (unsigned i = 0; i < self.shared->vmms; i++)
        if (atomic_load(&self.shared->state[i]) == STAMPS_AWAITED)
            return false;
    return turn == self.vmm;
}

static void await_turn(void)
{
    const struct timespec notice = {.tv_nsec = NOTICE_NS};
    uint32_t turn;

    while (!is_my_turn(turn = atomic_load(&self.shared->turn)))
        syscall(SYS_futex, &self.shared->turn, FUTEX_WAIT, turn, &notice, NULL, 0);
}

static enum exit_kind kind_of_exit(const struct kvm_run *run)
{
    if (run->exit_reason == KVM_EXIT_MMIO)
        return run->mmio.phys_addr == SILENT_ADDRESS ? EXIT_MMIO : EXIT_OTHER;
    if (run->exit_reason != KVM_EXIT_IO)
        return EXIT_OTHER;
    if (run->io.port == SILENT_PORT)
        return EXIT_PIO;
    if (run->io.port == RS_PORT_DEBUG_EXIT)
        return EXIT_LAST;
    return run->io.port == RS_PORT_COM1 && ((const char *)run)[run->io.data_offset] == '\n'
               ? EXIT_LINE_END
               : EXIT_OTHER;
}

static void begin_block(enum exit_kind kind)
{
    if (self.used == 0) {
        atomic_store(&self.shared->state[self.vmm], STAMPS_TAKES_TURNS);
        await_turn();
    }
    if (self.used == self.shared->blocks)
        abort(); /* peers.py makes room for what peer_exits.S does */
    self.block = block_at(self.used++);
    self.block->kind = (uint32_t)kind;
    self.in_block = true;
}

/* The VMM has done with the exit that ended the last KVM_RUN. */
static void keep_exit(uint64_t now)
{
    struct stamps_exit *exits = (struct stamps_exit *)(self.block + 1);

    if (self.block->count < self.shared->exits)
        exits[self.block->count++] = (struct stamps_exit){
            .inside = (uint32_t)(self.returned - self.entered),
            .outside = (uint32_t)(now - self.returned),
        };
}

static void before_run(uint64_t now)
{
    if (self.last == EXIT_PIO || self.last == EXIT_MMIO)
        keep_exit(now);
    else if (self.last == EXIT_LINE_END && self.used > 0) {
        pass_turn();
        await_turn();
    }
}

/* After the last exit no KVM_RUN has to come. */
static void after_run(bool failed)
{
    enum exit_kind kind = failed ? EXIT_OTHER : kind_of_exit(self.run);

    if ((kind == EXIT_PIO || kind == EXIT_MMIO) && !self.in_block)
        begin_block(kind);
    self.in_block = kind != EXIT_LINE_END && self.in_block;
    if (kind == EXIT_LAST) {
        atomic_store(&self.shared->state[self.vmm], STAMPS_GONE);
        pass_turn();
    }
    self.last = kind;
}

static void note_vcpu(int fd)
{
    void *run = mmap(NULL, RUN_SIZE, PROT_READ, MAP_SHARED, fd, 0);

    if (run == MAP_FAILED)
        abort();
    if (self.run)
        munmap((void *)(uintptr_t)self.run, RUN_SIZE);
    self.vcpu = fd;
    self.run = run;
    self.last = EXIT_OTHER;
}

static int result_of(long result)
{
    if (result >= 0)
        return (int)result;
    errno = (int)-result;
    return -1;
}

static long make_call(int fd, unsigned long request, void *argument)
{
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_ioctl), "D"(fd), "S"(request), "d"(argument)
                     : "rcx", "r11", "memory");
    return result;
}

static int run_vcpu(int fd, void *argument)
{
    long result;

    before_run(rs_stamp_read());
    self.entered = rs_stamp_read();
    result = make_call(fd, KVM_RUN, argument);
    self.returned = rs_stamp_read();
    after_run(result < 0);
    return result_of(result);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    void *argument;
    long result;

    va_start(list, request);
    argument = va_arg(list, void *);
    va_end(list);
    if (request == KVM_RUN && self.shared && fd == self.vcpu)
        return run_vcpu(fd, argument);
    result = make_call(fd, request, argument);
    if (request == KVM_CREATE_VCPU && result >= 0 && self.shared)
        note_vcpu((int)result);
    return result_of(result);
}
