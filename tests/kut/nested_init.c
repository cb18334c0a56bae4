/* SPDX-License-Identifier: MIT
 * The init process of nested.py: loads KVM, runs each command of /list with a time limit, and
 * switches the machine off. What the commands print goes to the console between lines that begin
 * with "@@". */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 64
#define POLL_NS 20000000L

static void load(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0 || syscall(SYS_finit_module, file, "", 0) != 0)
        printf("@@ module %s: %s\n", path, strerror(errno));
    if (file >= 0)
        close(file);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int wait_for(pid_t child, double limit)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};
    double end = now() + limit;
    int status;

    while (waitpid(child, &status, WNOHANG) == 0) {
        if (now() > end) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return 124;
        }
        nanosleep(&pause, NULL);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run(const char *name, double limit, char **words)
{
    pid_t child;

    printf("@@begin %s\n", name);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDONLY);

        dup2(null, STDIN_FILENO);
        execv(words[0], words);
        printf("@@ %s: %s\n", words[0], strerror(errno));
        fflush(stdout);
        _exit(126);
    }
    printf("\n@@end %s %d\n", name, wait_for(child, limit));
    fflush(stdout);
}

/* Of each command: a name, seconds, then its words, each on a line; an empty line ends it. */
static void run_list(FILE *list)
{
    static char lines[WORDS_MAX + 2][4096];
    char *words[WORDS_MAX + 1];
    unsigned count = 0;

    while (count < WORDS_MAX + 2 && fgets(lines[count], sizeof(lines[count]), list)) {
        lines[count][strcspn(lines[count], "\n")] = '\0';
        if (lines[count][0]) {
            count++;
            continue;
        }
        for (unsigned i = 2; i < count; i++)
            words[i - 2] = lines[i];
        if (count > 2) {
            words[count - 2] = NULL;
            run(lines[0], atof(lines[1]), words);
        }
        count = 0;
    }
}

int main(void)
{
    FILE *list = fopen("/list", "re");

    mkdir("/tmp", 01777);
    if (mount("proc", "/proc", "proc", 0, NULL) != 0 ||
        mount("sys", "/sys", "sysfs", 0, NULL) != 0 ||
        mount("dev", "/dev", "devtmpfs", 0, NULL) != 0)
        printf("@@ mount: %s\n", strerror(errno));
    load("/irqbypass.ko");
    load("/kvm.ko");
    load("/kvm-amd.ko");
    if (list)
        run_list(list);
    fflush(stdout);
    reboot(RB_POWER_OFF);
    return 1;
}
