/* SPDX-License-Identifier: MIT
 * The host's own transitions. */
#include "native.h"

#include "doctor/needs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGNAL SIGUSR2

static volatile uint64_t handled;

static void on_signal(int number)
{
    (void)number;
    handled = rs_stamp_read();
}

int rs_bench_native_open(struct rs_bench_native *native, int kvm_fd, struct rs_error *error)
{
    struct sigaction action = {.sa_handler = on_signal};

    *native = (struct rs_bench_native){.kvm_fd = kvm_fd};
    native->zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    native->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (native->zero_fd < 0 || native->null_fd < 0 || sigaction(SIGNAL, &action, NULL) != 0) {
        rs_error_errno(error, RS_EXIT_HOST, errno, "/dev/zero and /dev/null");
        rs_bench_native_close(native);
        return -1;
    }
    return 0;
}

void rs_bench_native_close(struct rs_bench_native *native)
{
    if (native->zero_fd >= 0)
        close(native->zero_fd);
    if (native->null_fd >= 0)
        close(native->null_fd);
    signal(SIGNAL, SIG_DFL);
}

/* Without libc's wrapper, which some of these calls would never leave. */
static inline long call(long number, long a, long b, long c)
{
    long rax = number;

    __asm__ volatile("syscall" : "+a"(rax) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory", "cc");
    return rax;
}

#define TIME(statement)                                                                            \
    do {                                                                                           \
        for (uint32_t turn = 0; turn < count; turn++) {                                            \
            uint64_t before = rs_stamp_read(), after;                                              \
                                                                                                   \
            statement;                                                                             \
            after = rs_stamp_read();                                                               \
            records[turn] = (struct rs_stamp_record){.tsc = {before, [RS_STAMP_AFTER] = after}};   \
        }                                                                                          \
    } while (0)

static void time_signal(uint32_t count, struct rs_stamp_record *records)
{
    long process = getpid(), thread = gettid();

    for (uint32_t turn = 0; turn < count; turn++) {
        uint64_t before = rs_stamp_read(), after;

        call(SYS_tgkill, process, thread, SIGNAL);
        after = rs_stamp_read();
        records[turn] =
            (struct rs_stamp_record){.tsc = {before, handled, [RS_STAMP_AFTER] = after}};
    }
}

static int time_runs(const struct rs_bench_native *native, uint32_t count,
                     struct rs_stamp_record *records, struct rs_error *error)
{
    uint64_t ticks[RS_STAMP_RECORDS_MAX];

    if (rs_doctor_empty_spans(native->kvm_fd, ticks, count, error) != 0)
        return -1;
    for (uint32_t i = 0; i < count; i++)
        records[i] = (struct rs_stamp_record){.tsc = {1, [RS_STAMP_AFTER] = 1 + ticks[i]}};
    return 0;
}

int rs_bench_native_measure(struct rs_bench_native *native, enum rs_native_operation operation,
                            uint32_t count, struct rs_stamp_record *records, struct rs_error *error)
{
    char byte = 0;

    switch (operation) {
    case RS_NATIVE_EMPTY:
        TIME((void)0);
        return 0;
    case RS_NATIVE_GETPPID:
        TIME(call(SYS_getppid, 0, 0, 0));
        return 0;
    case RS_NATIVE_READ:
        TIME(call(SYS_read, native->zero_fd, (long)&byte, 1));
        return 0;
    case RS_NATIVE_WRITE:
        TIME(call(SYS_write, native->null_fd, (long)&byte, 1));
        return 0;
    case RS_NATIVE_SIGNAL:
        time_signal(count, records);
        return 0;
    case RS_NATIVE_RUN:
        return time_runs(native, count, records, error);
    default:
        return rs_error_set(error, RS_EXIT_USAGE, "the host has no operation %d", operation);
    }
}
