/* SPDX-License-Identifier: MIT
 * A picture: gnuplot is given its commands. */
#include "plot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* gnuplot's own words are of no use to anybody: what matters is whether there is a picture. */
static pid_t start(int fds[2])
{
    pid_t child = fork();

    if (child != 0)
        return child;
    dup2(fds[0], STDIN_FILENO);
    close(fds[0]);
    close(fds[1]);
    fds[0] = open("/dev/null", O_WRONLY);
    dup2(fds[0], STDOUT_FILENO);
    dup2(fds[0], STDERR_FILENO);
    execlp("gnuplot", "gnuplot", (char *)NULL);
    _exit(127);
}

static int feed(const struct rs_bench_result *result, const char *path, pid_t child, int fd)
{
    FILE *out = fdopen(fd, "w");
    int status;

    if (out) {
        rs_bench_plot_script(result, path, out);
        fclose(out);
    } else {
        close(fd);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return !out ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int rs_bench_plot(const struct rs_bench_result *result, const char *path, struct rs_error *error)
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    int fds[2], status;
    pid_t child;

    /* gnuplot would go on without its file: whether it can be written is found out here. */
    status = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (status < 0)
        return rs_error_errno(error, RS_EXIT_OUTPUT, errno, "output '%s'", path);
    close(status);
    if (pipe2(fds, O_CLOEXEC) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "pipe for gnuplot");
    child = start(fds);
    close(fds[0]);
    if (child < 0) {
        close(fds[1]);
        return rs_error_errno(error, RS_EXIT_HOST, errno, "gnuplot");
    }
    status = feed(result, path, child, fds[1]);
    signal(SIGPIPE, before);
    if (status == 0)
        return 0;
    unlink(path);
    return status == 127
               ? rs_error_set(error, RS_EXIT_HOST,
                              "gnuplot is not installed (Debian: gnuplot-nox): no picture")
               : rs_error_set(error, RS_EXIT_OUTPUT, "gnuplot has not drawn '%s': status %d", path,
                              status);
}
