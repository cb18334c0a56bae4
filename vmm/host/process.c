/* SPDX-License-Identifier: MIT
 * Child processes that do not outlive ringscope. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Above every descriptor that is handed out, so that no dup2() hits one that is still needed. */
#define SAFE_DESCRIPTOR 64

static int place_descriptors(const struct rs_spawn *spawn)
{
    int wanted[3 + RS_SPAWN_INHERIT_MAX];
    size_t count = 3 + spawn->inherit_count;

    wanted[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    wanted[1] = spawn->out;
    wanted[2] = spawn->err;
    for (size_t i = 3; i < count; i++)
        wanted[i] = spawn->inherit[i - 3];
    for (size_t i = 0; i < count; i++) {
        wanted[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, SAFE_DESCRIPTOR);
        if (wanted[i] < 0)
            return -1;
    }
    for (size_t i = 0; i < count; i++)
        if (dup2(wanted[i], (int)i) < 0)
            return -1;
    return 0;
}

/* Who sees nothing of the caller's environment does the same under everybody. */
static int start_anew(const char *terminal)
{
    const char *list = getenv("PATH");
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s", list ? list : "");
    return clearenv() == 0 && setenv("PATH", path, 1) == 0 ? setenv("TERM", terminal, 1) : -1;
}

static int become(const struct rs_spawn *spawn, pid_t parent)
{
    sigset_t none;

    sigemptyset(&none);
    setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return -1;
    if (getppid() != parent) /* it ended before the line above */
        _exit(EXIT_FAILURE);
    if (place_descriptors(spawn) != 0 || (spawn->directory && chdir(spawn->directory) != 0))
        return -1;
    if (spawn->confine) {
        errno = -spawn->confine(spawn->program);
        if (errno != 0)
            return -1;
    }
    if (spawn->terminal && start_anew(spawn->terminal) != 0)
        return -1;
    if (setenv("LC_ALL", "C", 1) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
        return -1;
    /* execvp() takes char *const * for history's sake, and changes nothing. */
    execvp(spawn->argv[0], (char *const *)(uintptr_t)spawn->argv);
    return -1;
}

int rs_spawn(const struct rs_spawn *spawn, pid_t *child, struct rs_error *error)
{
    pid_t parent = getpid();
    int failed[2], reason = 0;

    if (pipe2(failed, O_CLOEXEC) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "starting %s: pipe", spawn->argv[0]);
    *child = fork();
    if (*child == 0) {
        int pipe = fcntl(failed[1], F_DUPFD_CLOEXEC, SAFE_DESCRIPTOR);

        become(spawn, parent);
        reason = errno;
        if (write(pipe, &reason, sizeof(reason)) < 0)
            _exit(EXIT_FAILURE);
        _exit(EXIT_FAILURE);
    }
    close(failed[1]);
    if (*child < 0)
        reason = errno;
    else if (read(failed[0], &reason, sizeof(reason)) == sizeof(reason))
        rs_spawn_kill(*child);
    close(failed[0]);
    if (reason != 0)
        return rs_error_errno(error, RS_EXIT_HOST, reason, "starting %s", spawn->argv[0]);
    return 0;
}

void rs_spawn_kill(pid_t child)
{
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}
