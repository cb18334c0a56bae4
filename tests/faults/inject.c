/* SPDX-License-Identifier: MIT
 * Preloaded: makes the n-th call of one kind fail. For faults.py, which tries every n. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Environment: FAULT_CALL names the kind, FAULT_NTH which call of it (0: none), FAULT_ERRNO what it
 * fails with, FAULT_SHORT=1 that write() takes half instead, FAULT_TIMES how many calls fail from
 * there on (1). FAULT_REPORT names the file that the number of calls is written to at the end: it
 * is opened at the start, before anything is confined. FAULT_UNTIL_EXIT=1: what comes at the exit
 * of the process is let alone, for there coverage is written.
 */
static const char *kind = "";
static long nth, times = 1;
static int error, is_short, report = -1;
static atomic_long calls;
static atomic_int over;

__attribute__((constructor)) static void begin(void)
{
    const char *value;

    kind = (value = getenv("FAULT_CALL")) ? value : "";
    nth = (value = getenv("FAULT_NTH")) ? atol(value) : 0;
    times = (value = getenv("FAULT_TIMES")) ? atol(value) : 1;
    error = (value = getenv("FAULT_ERRNO")) ? atoi(value) : EIO;
    is_short = (value = getenv("FAULT_SHORT")) ? atoi(value) : 0;
    if ((value = getenv("FAULT_REPORT")))
        report = open(value, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    atomic_store(&calls, 0);
}

__attribute__((destructor)) static void end(void)
{
    char text[32];
    int size = snprintf(text, sizeof(text), "%ld\n", atomic_load(&calls));

    nth = 0;
    if (report >= 0 && write(report, text, (size_t)size) != size)
        _exit(99);
}

static int fails(const char *name)
{
    long call;

    if (strcmp(name, kind) != 0 || atomic_load(&over))
        return 0;
    call = atomic_fetch_add(&calls, 1) + 1;
    if (nth == 0 || call < nth || call >= nth + times)
        return 0;
    errno = error;
    return 1;
}

#define REAL(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

typedef int main_fn(int count, char **words, char **environment);
static main_fn *program;

static void let_alone(void)
{
    atomic_store(&over, 1);
}

/* Registered last before main(), it is called before what was registered earlier. */
static int run_program(int count, char **words, char **environment)
{
    if (getenv("FAULT_UNTIL_EXIT"))
        atexit(let_alone);
    return program(count, words, environment);
}

int __libc_start_main(main_fn *function, int count, char **words, void (*start)(void),
                      void (*finish)(void), void (*unload)(void), void *stack);
int __libc_start_main(main_fn *function, int count, char **words, void (*start)(void),
                      void (*finish)(void), void (*unload)(void), void *stack)
{
    program = function;
    return REAL(__libc_start_main)(run_program, count, words, start, finish, unload, stack);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    static __typeof__(&write) real;

    if (!real)
        real = REAL(write);
    if (fd != report && fails("write")) {
        if (!is_short)
            return -1;
        size = size > 1 ? size / 2 : size;
    }
    return real(fd, bytes, size);
}

ssize_t read(int fd, void *bytes, size_t size)
{
    static __typeof__(&read) real;

    if (!real)
        real = REAL(read);
    return fails("read") ? -1 : real(fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    static __typeof__(&pwrite) real;

    if (!real)
        real = REAL(pwrite);
    if (fails("pwrite")) {
        if (!is_short)
            return -1;
        size = size > 1 ? size / 2 : size;
    }
    return real(fd, bytes, size, offset);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    static __typeof__(&pread) real;

    if (!real)
        real = REAL(pread);
    return fails("pread") ? -1 : real(fd, bytes, size, offset);
}

int open(const char *path, int flags, ...)
{
    static __typeof__(&open) real;
    mode_t mode = 0;
    va_list arguments;

    if (flags & O_CREAT) {
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    if (!real)
        real = REAL(open);
    return fails("open") ? -1 : real(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    static __typeof__(&openat) real;
    mode_t mode = 0;
    va_list arguments;

    if (flags & O_CREAT) {
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    if (!real)
        real = REAL(openat);
    return fails("open") ? -1 : real(directory, path, flags, mode);
}

int eventfd(unsigned count, int flags)
{
    static __typeof__(&eventfd) real;

    if (!real)
        real = REAL(eventfd);
    return fails("eventfd") ? -1 : real(count, flags);
}

int close_range(unsigned first, unsigned last, int flags)
{
    static __typeof__(&close_range) real;

    if (!real)
        real = REAL(close_range);
    return fails("close_range") ? -1 : real(first, last, flags);
}

int memfd_create(const char *name, unsigned flags)
{
    static __typeof__(&memfd_create) real;

    if (!real)
        real = REAL(memfd_create);
    return fails("memfd") ? -1 : real(name, flags);
}

int ftruncate(int fd, off_t size)
{
    static __typeof__(&ftruncate) real;

    if (!real)
        real = REAL(ftruncate);
    return fails("ftruncate") ? -1 : real(fd, size);
}

off_t lseek(int fd, off_t offset, int whence)
{
    static __typeof__(&lseek) real;

    if (!real)
        real = REAL(lseek);
    return fails("lseek") ? -1 : real(fd, offset, whence);
}

/* It is closed all the same, as Linux has it. */
int close(int fd)
{
    static __typeof__(&close) real;
    int result;

    if (!real)
        real = REAL(close);
    result = real(fd);
    return fails("close") ? -1 : result;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    static __typeof__(&poll) real;

    if (!real)
        real = REAL(poll);
    return fails("poll") ? -1 : real(fds, count, timeout);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *context)
{
    static __typeof__(&pthread_create) real;

    if (!real)
        real = REAL(pthread_create);
    return fails("thread") ? error : real(thread, attributes, start, context);
}

/* KVM_RUN's page, to fabricate an exit in it. */
static int vcpu_fd = -1;
static struct kvm_run *run;

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    static __typeof__(&mmap) real;
    void *result;

    if (!real)
        real = REAL(mmap);
    if (fails("mmap"))
        return MAP_FAILED;
    result = real(address, size, protection, flags, fd, offset);
    if (fd >= 0 && fd == vcpu_fd)
        run = result;
    return result;
}

static int run_exits(int result)
{
    if (result == 0 && run && fails("run-exit"))
        run->exit_reason =
            (unsigned)error; /* one that nobody asked for, or whose data is not sound */
    return result;
}

int ioctl(int fd, unsigned long request, ...)
{
    static __typeof__(&ioctl) real;
    va_list arguments;
    void *argument;
    int result;

    va_start(arguments, request);
    argument = va_arg(arguments, void *);
    va_end(arguments);
    if (!real)
        real = REAL(ioctl);
    if (fails(request == KVM_RUN ? "run-error" : "ioctl"))
        return -1; /* before it has run: KVM loses no exit, and so must not we */
    result = real(fd, request, argument);
    if (request == KVM_CREATE_VCPU)
        vcpu_fd = result;
    return request == KVM_RUN ? run_exits(result) : result;
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    return fails("malloc") ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails("malloc") ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails("malloc") ? NULL : __libc_realloc(old, size);
}

/* With _FILE_OFFSET_BITS=64 they have other names, and are the same. */
#define ALIAS(name, other) extern __typeof__(name) other __attribute__((alias(#name)))
ALIAS(open, open64);
ALIAS(openat, openat64);
ALIAS(mmap, mmap64);
ALIAS(pread, pread64);
ALIAS(pwrite, pwrite64);
ALIAS(ftruncate, ftruncate64);
ALIAS(lseek, lseek64);
