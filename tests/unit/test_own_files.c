/* SPDX-License-Identifier: MIT
 * A vCPU thread's own table of descriptors: what it keeps, and what the others have. */
#include "sandbox/internal.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a thread with files of its own has seen. */
struct own_files {
    struct rs_sandbox_filter filter;
    int kept;   /* the end of a pipe that it may read */
    int result; /* of rs_sandbox_keep_files() and rs_sandbox_confine() */
    int wrong; /* a descriptor that was there and should not be, or the other way round; -1: none */
    atomic_int step;
};

static void await(struct own_files *own, int step)
{
    while (atomic_load(&own->step) < step)
        sched_yield();
}

/* FIONREAD tells whether there is a descriptor; TIOCSTI would type on a terminal. */
static void look(struct own_files *own)
{
    int bytes;

    for (int fd = 0; fd < 64 && own->wrong < 0; fd++) {
        bool is_mine = fd == own->kept || (RS_SANDBOX_SANITIZED && fd == STDERR_FILENO);

        if (!is_mine && (ioctl(fd, FIONREAD, &bytes) != -1 || errno != EBADF ||
                         ioctl(fd, TIOCSTI, "x") != -1 || errno != EBADF))
            own->wrong = fd;
    }
    if (ioctl(own->kept, FIONREAD, &bytes) != 0 || bytes != 3)
        own->wrong = own->kept;
}

static void *thread_with_own_files(void *context)
{
    struct own_files *own = context;
    const int files[] = {-1, own->kept, own->kept};

    own->result = rs_sandbox_keep_files(files, 3);
    if (own->result == 0)
        own->result = rs_sandbox_confine(&own->filter, NULL, NULL);
    atomic_store(&own->step, 1);
    await(own, 2);
    if (own->result == 0)
        look(own);
    atomic_store(&own->step, 3);
    await(own, 4);
    return NULL;
}

/* While the thread is there, with its copy of the table: the end of another pipe is seen by its
 * reader, and what is opened is not in that table. */
static int beside_own_files(struct own_files *own, const int kept[2], const int other[2])
{
    char byte;
    int opened;

    await(own, 1);
    opened = dup(kept[1]);
    close(kept[0]); /* the thread has it still */
    close(other[1]);
    if (opened < 0 || read(other[0], &byte, 1) != 0 || write(kept[1], "abc", 3) != 3)
        return 1;
    atomic_store(&own->step, 2);
    await(own, 3);
    return fcntl(STDERR_FILENO, F_GETFD) >= 0 && fcntl(opened, F_GETFD) >= 0 ? 0 : 2;
}

static int own_files_child(void)
{
    struct own_files own = {.wrong = -1};
    struct rs_error error;
    pthread_t thread;
    int kept[2], other[2], result;

    if (pipe(kept) != 0 || pipe(other) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        rs_sandbox_make_filter(&own.filter, RS_SANDBOX_VCPU_OWN_FILES, &error) != 0)
        return 10;
    own.kept = kept[0];
    if (pthread_create(&thread, NULL, thread_with_own_files, &own) != 0)
        return 11;
    result = beside_own_files(&own, kept, other);
    atomic_store(&own.step, 4);
    pthread_join(thread, NULL);
    rs_sandbox_free_filter(&own.filter);
    if (result != 0 || own.result != 0)
        return 20 + result;
    return own.wrong < 0 ? 0 : 30 + own.wrong;
}

START_TEST(a_thread_has_files_of_its_own)
{
    pid_t child;
    int status;

    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(own_files_child());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned)status);
}
END_TEST

int main(void)
{
    Suite *suite;

    if (unit_under_valgrind())
        return unit_skip("valgrind's own calls cannot be confined");
    if (syscall(SYS_close_range, UINT_MAX, UINT_MAX, 0) != 0)
        return unit_skip("this host has no close_range(), or does not allow it");
    suite = suite_create("own_files");
    UNIT_ADD(suite, a_thread_has_files_of_its_own);
    return unit_run(suite);
}
