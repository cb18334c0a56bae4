/* SPDX-License-Identifier: MIT
 * The sandbox: what its options mean, and what a filter lets through. */
#include "sandbox/internal.h"
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(modes_have_names)
{
    enum rs_sandbox_mode mode;

    ck_assert(rs_sandbox_parse("off", &mode) && mode == RS_SANDBOX_OFF);
    ck_assert(rs_sandbox_parse("on", &mode) && mode == RS_SANDBOX_ON);
    ck_assert(rs_sandbox_parse("strict", &mode) && mode == RS_SANDBOX_STRICT);
    ck_assert(!rs_sandbox_parse("", &mode) && !rs_sandbox_parse("On", &mode));
}
END_TEST

static int parse_user(const char *text, struct rs_sandbox *sandbox)
{
    struct rs_error error;

    *sandbox = (struct rs_sandbox){0};
    return rs_sandbox_parse_user(text, sandbox, &error) == 0 ? 0 : error.exit_code;
}

START_TEST(users)
{
    static const char *const bad[] = {"",   ":",       "0",     "0:5",        "-1",
                                      "1x", "65534:x", "5:5:5", "4294967295", "no such user"};
    struct rs_sandbox sandbox;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(parse_user(bad[i], &sandbox) == RS_EXIT_USAGE, "'%s'", bad[i]);
    if (geteuid() != 0) { /* only itself */
        ck_assert_int_eq(parse_user("4294967294", &sandbox), RS_EXIT_USAGE);
        return;
    }
    ck_assert_int_eq(parse_user("65534:100", &sandbox), 0);
    ck_assert(sandbox.has_user && sandbox.uid == 65534 && sandbox.gid == 100);
    ck_assert_int_eq(parse_user("1234", &sandbox), 0);
    ck_assert(sandbox.uid == 1234 && sandbox.gid == 1234);
    ck_assert_int_eq(parse_user("nobody", &sandbox), 0);
    ck_assert(sandbox.uid != 0);
}
END_TEST

START_TEST(calls_have_names)
{
    ck_assert_str_eq(rs_sandbox_call_name(SYS_execve), "execve");
    ck_assert_str_eq(rs_sandbox_call_name(SYS_read), "read");
    ck_assert_ptr_null(rs_sandbox_call_name(-1));
    ck_assert_ptr_null(rs_sandbox_call_name(100000));
}
END_TEST

static volatile int told;

static void tell(void *context, int call)
{
    (void)context;
    told = call;
}

static void *vcpu_thread(void *filter)
{
    if (rs_sandbox_confine(filter, tell, NULL) == 0) {
        syscall(SYS_gettid);
        syscall(SYS_getppid); /* harmless, and no business of a vCPU thread */
        told = -1;            /* it was let through */
    }
    return NULL;
}

/* The whole of a child: 0 when the thread was stopped at its call and the others were not. */
static int confined_child(void)
{
    struct rs_sandbox sandbox = {.mode = RS_SANDBOX_ON, .memory = 1 << 28, .file_size = 4096};
    struct rs_sandbox_filter filter;
    struct rlimit limit;
    struct rs_error error;
    pthread_t thread;

    if (rs_sandbox_enter(&sandbox, &error) != 0 ||
        rs_sandbox_make_filter(&filter, RS_SANDBOX_VCPU, &error) != 0 ||
        pthread_create(&thread, NULL, vcpu_thread, &filter) != 0)
        return 1;
    pthread_join(thread, NULL);
    rs_sandbox_free_filter(&filter);
    if (told != SYS_getppid || getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_max != 4096)
        return 2;
    if (rs_sandbox_landlock_abi() > 0 && open("/etc/passwd", O_RDONLY) >= 0)
        return 3;
    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 ? 0 : 4;
}

START_TEST(a_thread_is_stopped_and_the_others_are_not)
{
#if RS_SANDBOX_SANITIZED
    return; /* there the process ends: a sanitizer waits for its threads */
#endif
    pid_t child;
    int status;

    if (unit_under_valgrind()) /* whose own calls are no business of a vCPU thread */
        return;
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(confined_child());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", (unsigned)status);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sandbox");

    UNIT_ADD(suite, modes_have_names);
    UNIT_ADD(suite, users);
    UNIT_ADD(suite, calls_have_names);
    UNIT_ADD(suite, a_thread_is_stopped_and_the_others_are_not);
    return unit_run(suite);
}
