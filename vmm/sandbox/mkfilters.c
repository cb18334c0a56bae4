/* SPDX-License-Identifier: MIT
 * At build time: from the table of calls to seccomp filters, as C. libseccomp 2.5 leaves out rules,
 * or crashes, when memory is short; what is part of the executable cannot. Usage: mkfilters OUTPUT
 */
#include "calls.h"
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

struct list {
    const int *numbers;
    size_t count;
};

#define X(call) SCMP_SYS(call),
static const int common[] = {RS_SANDBOX_CALLS_COMMON(X)};
static const int session[] = {RS_SANDBOX_CALLS_SESSION(X)};
static const int vcpu[] = {RS_SANDBOX_CALLS_VCPU(X)};
static const int relay[] = {RS_SANDBOX_CALLS_RELAY(X)};
static const int worker[] = {RS_SANDBOX_CALLS_WORKER(X)};
static const int refused[] = {RS_SANDBOX_CALLS_REFUSED(X)};
static const int sanitizer[] = {RS_SANDBOX_CALLS_SANITIZER(X)};
#undef X
#define X(request) (int)(request),
static const int session_ioctls[] = {RS_SANDBOX_IOCTLS_SESSION(X)};
static const int vcpu_ioctls[] = {RS_SANDBOX_IOCTLS_VCPU(X)};
static const int relay_ioctls[] = {RS_SANDBOX_IOCTLS_RELAY(X)};
static const int worker_ioctls[] = {RS_SANDBOX_IOCTLS_WORKER(X)};
#undef X
#define LIST(array)                                                                                \
    {                                                                                              \
        array, sizeof(array) / sizeof((array)[0])                                                  \
    }

static const struct {
    struct list calls[2], ioctls;
    bool keeps_memory;  /* may map memory, and is told that files have no names */
    bool makes_threads; /* and has them give up more */
    bool any_ioctl;
} roles[RS_SANDBOX_ROLE_COUNT] = {
    [RS_SANDBOX_SESSION] = {{LIST(session)}, LIST(session_ioctls), true, false, false},
    [RS_SANDBOX_VCPU] = {{LIST(vcpu)}, LIST(vcpu_ioctls), false, false, false},
    [RS_SANDBOX_RELAY] = {{LIST(session), LIST(relay)}, LIST(relay_ioctls), true, false, false},
    [RS_SANDBOX_WORKER] = {{LIST(session), LIST(worker)}, LIST(worker_ioctls), true, true, false},
    [RS_SANDBOX_VCPU_OWN_FILES] = {{LIST(vcpu)}, {NULL, 0}, false, false, true},
};

static int allow(scmp_filter_ctx context, const struct list *list)
{
    int result = 0;

    for (size_t i = 0; i < list->count && (result == 0 || result == -EEXIST); i++)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, list->numbers[i], 0);
    return result == -EEXIST ? 0 : result;
}

/* A request is 32 bits of a register of 64. libseccomp sorts them: KVM_RUN is compared last, which
 * costs nothing that can be measured (docs/performance.md). */
static int allow_ioctls(scmp_filter_ctx context, const struct list *list)
{
    int result = seccomp_syscall_priority(context, SCMP_SYS(ioctl), UINT8_MAX);

    for (size_t i = 0; i < list->count && result == 0; i++)
        result =
            seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)list->numbers[i]));
    return result;
}

/* The kick of a vCPU thread, and abort(): to this process alone. */
static int allow_signals(scmp_filter_ctx context)
{
    static const int signals[] = {SIGUSR1, SIGABRT};
    int result = 0;

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]) && result == 0; i++)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2,
                                  SCMP_A0(SCMP_CMP_EQ, RS_SANDBOX_OWN_PID, 0),
                                  SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t)signals[i], 0));
    return result;
}

/* Memory that is not executed. */
static int allow_memory(scmp_filter_ctx context, int call)
{
    int result = seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

    return result == -EEXIST ? 0 : result;
}

/* As pthread_create() makes them, which asks for clone3() first: that one's flags are in memory,
 * where a filter cannot look. */
static int allow_threads(scmp_filter_ctx context)
{
    const scmp_datum_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                                CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
                                CLONE_CHILD_CLEARTID;
    int result = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

    if (result == 0)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_EQ, thread, 0));
    if (result == 0)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 1,
                                  SCMP_A0(SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER, 0));
    return result == -EEXIST ? 0 : result;
}

/* Of newfstatat() what fstat() does is allowed. */
static int refuse_names(scmp_filter_ctx context)
{
    const scmp_datum_t empty_path = AT_EMPTY_PATH;
    int result = 0;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]) && result == 0; i++)
        result = seccomp_rule_add(
            context, RS_SANDBOX_SANITIZED ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    if (result == 0)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                                  SCMP_A3(SCMP_CMP_MASKED_EQ, empty_path, empty_path));
    if (result == 0)
        result = seccomp_rule_add(context, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 1,
                                  SCMP_A3(SCMP_CMP_MASKED_EQ, empty_path, 0));
    return result;
}

static int add_rules(scmp_filter_ctx context, enum rs_sandbox_role role)
{
    const struct list all = LIST(common), extra = LIST(sanitizer);
    int result = allow(context, &all);

    for (size_t i = 0; i < 2 && result == 0; i++)
        result = allow(context, &roles[role].calls[i]);
    if (result == 0 && RS_SANDBOX_SANITIZED)
        result = allow(context, &extra);
    if (result == 0 && roles[role].any_ioctl)
        result = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 0);
    else if (result == 0)
        result = allow_ioctls(context, &roles[role].ioctls);
    if (result == 0)
        result = allow_signals(context);
    if (result == 0) /* of a page of guest memory, so that KVM maps it anew */
        result = allow_memory(context, SCMP_SYS(mprotect));
    if (result == 0 && roles[role].keeps_memory)
        result = allow_memory(context, SCMP_SYS(mmap));
    if (result == 0 && (roles[role].keeps_memory || RS_SANDBOX_SANITIZED))
        result = refuse_names(context);
    if (result == 0 && roles[role].makes_threads)
        result = allow_threads(context);
    return result;
}

/* libseccomp 2.5 exports to a descriptor alone. */
static int print(scmp_filter_ctx context, const char *name, FILE *out)
{
    FILE *file = tmpfile();
    struct sock_filter instruction;
    int result = file ? seccomp_export_bpf(context, fileno(file)) : -errno;

    if (result == 0) {
        rewind(file);
        fprintf(out, "static const struct sock_filter %s_filter[] = {\n", name);
        while (fread(&instruction, sizeof(instruction), 1, file) == 1)
            fprintf(out, "    {%#x, %u, %u, %#x},\n", instruction.code, instruction.jt,
                    instruction.jf, instruction.k);
        fprintf(out, "};\n");
    }
    if (file)
        fclose(file);
    return result;
}

static int make(enum rs_sandbox_role role, const char *name, FILE *out)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_TRAP);
    int result =
        context ? seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_TRAP) : -ENOMEM;

    if (result == 0)
        result = add_rules(context, role);
    if (result == 0)
        result = print(context, name, out);
    if (context)
        seccomp_release(context);
    return result;
}

int main(int argc, char **argv)
{
    static const char *const names[RS_SANDBOX_ROLE_COUNT] = {
        [RS_SANDBOX_SESSION] = "session",
        [RS_SANDBOX_VCPU] = "vcpu",
        [RS_SANDBOX_RELAY] = "relay",
        [RS_SANDBOX_WORKER] = "worker",
        [RS_SANDBOX_VCPU_OWN_FILES] = "vcpu_own_files",
    };
    FILE *out = argc == 2 ? fopen(argv[1], "we") : NULL;
    int result = out ? 0 : -errno;

    for (int role = 0; role < RS_SANDBOX_ROLE_COUNT && result == 0; role++)
        result = make((enum rs_sandbox_role)role, names[role], out);
    if (out && fclose(out) != 0)
        result = -errno;
    if (result != 0)
        fprintf(stderr, "mkfilters: %s\n", strerror(-result));
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
