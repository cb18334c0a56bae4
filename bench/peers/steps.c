/* SPDX-License-Identifier: MIT
 * bench-steps COMMAND...: of a VMM that runs peer_exits, the instructions that its vCPU thread
 * executes between one KVM_RUN and the next, and the system calls among them, counted one by one.
 * A line for each kind of exit: P or M, instructions, calls, of how many exits. */

/*
 * ptrace(2). KVM_RUN itself is not stepped into: PTRACE_SYSCALL leads over it. What an exit takes
 * is the same each time but for a few, so the most frequent count is told.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SILENT_PORT 0x2f0 /* as in peer_exits.S */
#define SILENT_ADDRESS 0xd0100000
#define EXITS 40         /* of each kind */
#define STEPS_MAX 100000 /* between two KVM_RUN */
#define TRIES 3000       /* of 10 ms, until the guest is there */
#define LOOKS 20         /* at a thread */
#define LIMIT_S 60       /* for what is counted: a thread that stands may have held a lock */
#define PATH_SIZE 64

struct counts {
    char kind;
    unsigned exits;
    unsigned instructions[EXITS], calls[EXITS];
};

static struct {
    pid_t process, thread;
    uintptr_t run; /* where it has its struct kvm_run */
    struct counts counts[2];
} traced = {.counts = {{.kind = 'P'}, {.kind = 'M'}}};

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
    va_list arguments;

    fputs("bench-steps: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    if (traced.process > 0)
        kill(traced.process, SIGKILL);
    exit(1);
}

static void start(char **command)
{
    traced.process = fork();
    if (traced.process < 0)
        fail("fork: %s", strerror(errno));
    if (traced.process > 0)
        return;
    execvp(command[0], command);
    fprintf(stderr, "bench-steps: %s: %s\n", command[0], strerror(errno));
    _exit(1);
}

static bool read_memory(uintptr_t from, void *to, size_t size)
{
    struct iovec local = {to, size}, remote = {(void *)from, size};

    return process_vm_readv(traced.process, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* NULL: an exit that some device may answer, or none. */
static struct counts *kind_of_exit(void)
{
    struct kvm_run run;

    if (!read_memory(traced.run, &run, sizeof(run)))
        return NULL;
    if (run.exit_reason == KVM_EXIT_IO && run.io.port == SILENT_PORT)
        return &traced.counts[0];
    if (run.exit_reason == KVM_EXIT_MMIO && run.mmio.phys_addr == SILENT_ADDRESS)
        return &traced.counts[1];
    return NULL;
}

static uintptr_t find_run(void)
{
    char path[PATH_SIZE], line[256];
    uintptr_t found = 0;
    FILE *maps;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)traced.process);
    maps = fopen(path, "re");
    while (maps && fgets(line, sizeof(line), maps))
        if (strstr(line, "anon_inode:kvm-vcpu"))
            found = strtoul(line, NULL, 16);
    if (maps)
        fclose(maps);
    return found;
}

static void await_guest(void)
{
    const struct timespec pause = {.tv_nsec = 10000000};

    for (unsigned i = 0; i < TRIES; i++) {
        traced.run = find_run();
        if (traced.run && kind_of_exit())
            return;
        nanosleep(&pause, NULL);
    }
    fail("no exit of peer_exits has been seen");
}

static bool is_run(const struct user_regs_struct *registers, unsigned long long call)
{
    return call == SYS_ioctl && (uint32_t)registers->rsi == (uint32_t)KVM_RUN;
}

static void get_registers(struct user_regs_struct *registers)
{
    if (ptrace(PTRACE_GETREGS, traced.thread, NULL, registers) != 0)
        fail("PTRACE_GETREGS: %s", strerror(errno));
}

/* Whether a thread stands, and the signal that came with that, if one did. */
static bool is_stopped(pid_t thread, int *signal)
{
    int status;

    if (waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status))
        return false;
    *signal = WSTOPSIG(status) & 0x7f;
    if (*signal == SIGTRAP || status >> 16 != 0)
        *signal = 0;
    return true;
}

static int await_stop(void)
{
    int signal;

    if (!is_stopped(traced.thread, &signal))
        fail("the VMM ended before enough exits were seen");
    return signal;
}

static void interrupt(pid_t thread, struct user_regs_struct *registers)
{
    int signal;

    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0 || !is_stopped(thread, &signal) ||
        ptrace(PTRACE_GETREGS, thread, NULL, registers) != 0)
        *registers = (struct user_regs_struct){0};
}

/* It stands then. The vCPU's may be met on its way between two KVM_RUN, so it is looked at again.
 */
static void look_at_thread(pid_t thread)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    struct user_regs_struct registers;

    if (ptrace(PTRACE_SEIZE, thread, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0) {
        if (errno != ESRCH) /* it has ended */
            fail("PTRACE_SEIZE: %s", strerror(errno));
        return;
    }
    interrupt(thread, &registers);
    for (unsigned i = 0; i < LOOKS && !traced.thread; i++) {
        if (is_run(&registers, registers.orig_rax) && registers.rip != 0) /* KVM's own: 0 */
            traced.thread = thread;
        else if (registers.rip == 0 || ptrace(PTRACE_CONT, thread, NULL, NULL) != 0)
            return;
        else {
            nanosleep(&pause, NULL);
            interrupt(thread, &registers);
        }
    }
}

/* All threads, of which the others go no further: what is slow here would have them wait for locks,
 * and the vCPU's wake them. */
static void seize_threads(void)
{
    char path[PATH_SIZE];
    const struct dirent *entry;
    DIR *threads;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)traced.process);
    threads = opendir(path);
    while (threads && (entry = readdir(threads)))
        if (isdigit((unsigned char)entry->d_name[0]))
            look_at_thread((pid_t)atol(entry->d_name));
    if (threads)
        closedir(threads);
    if (!traced.thread)
        fail("no thread was found in KVM_RUN");
}

static void resume(long how, int signal)
{
    if (ptrace((enum __ptrace_request)how, traced.thread, NULL, (void *)(intptr_t)signal) != 0)
        fail("ptrace: %s", strerror(errno));
}

/* To the end of a KVM_RUN. */
static void run_guest(void)
{
    struct __ptrace_syscall_info information;
    struct user_regs_struct registers;
    int signal = 0;

    do {
        resume(PTRACE_SYSCALL, signal);
        signal = await_stop();
        memset(&information, 0, sizeof(information));
        ptrace(PTRACE_GET_SYSCALL_INFO, traced.thread, (void *)sizeof(information), &information);
        get_registers(&registers);
    } while (information.op != PTRACE_SYSCALL_INFO_EXIT || !is_run(&registers, registers.orig_rax));
}

static bool is_at_call(const struct user_regs_struct *registers)
{
    static const unsigned char opcode[] = {0x0f, 0x05};
    unsigned char bytes[sizeof(opcode)];

    return read_memory(registers->rip, bytes, sizeof(bytes)) &&
           memcmp(bytes, opcode, sizeof(bytes)) == 0;
}

/* To the next KVM_RUN. */
static void step(unsigned *instructions, unsigned *calls)
{
    struct user_regs_struct registers;
    int signal = 0;

    *calls = 0;
    for (*instructions = 0; *instructions < STEPS_MAX; ++*instructions) {
        get_registers(&registers);
        if (is_at_call(&registers)) {
            if (is_run(&registers, registers.rax))
                return;
            ++*calls;
        }
        resume(PTRACE_SINGLESTEP, signal);
        signal = await_stop();
    }
    fail("no KVM_RUN within %d instructions", STEPS_MAX);
}

static void count_exits(void)
{
    while (traced.counts[0].exits < EXITS || traced.counts[1].exits < EXITS) {
        struct counts *counts;
        unsigned instructions, calls;

        run_guest();
        counts = kind_of_exit();
        if (!counts || counts->exits == EXITS)
            continue;
        step(&instructions, &calls);
        counts->instructions[counts->exits] = instructions;
        counts->calls[counts->exits++] = calls;
    }
}

static int by_value(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

    return (a > b) - (a < b);
}

static unsigned most_frequent(unsigned values[EXITS])
{
    unsigned best = 0, best_length = 0, length = 0;

    qsort(values, EXITS, sizeof(values[0]), by_value);
    for (unsigned i = 0; i < EXITS; i++) {
        length = i > 0 && values[i] == values[i - 1] ? length + 1 : 1;
        if (length > best_length) {
            best_length = length;
            best = values[i];
        }
    }
    return best;
}

/* The VMM goes with its tracer (PTRACE_O_EXITKILL). */
static void on_limit(int signal)
{
    static const char text[] = "bench-steps: not done in time\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

    (void)signal;
    (void)ignored;
    _exit(1);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-steps COMMAND...\n");
        return 1;
    }
    signal(SIGALRM, on_limit);
    start(argv + 1);
    await_guest();
    seize_threads();
    alarm(LIMIT_S);
    count_exits();
    kill(traced.process, SIGKILL);
    for (unsigned i = 0; i < 2; i++) {
        struct counts *counts = &traced.counts[i];

        printf("%c %u %u %u\n", counts->kind, most_frequent(counts->instructions),
               most_frequent(counts->calls), EXITS);
    }
    return 0;
}
