/* SPDX-License-Identifier: MIT
 * Landlock: no file by its name but what is allowed, no TCP, no signal to a process outside. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * landlock(7), and the kernel's documentation "Landlock: unprivileged access control". The headers
 * of Debian 12 know ABI 2: what came later is spelled out here. Files that are open stay usable.
 */
struct ruleset {
    uint64_t files;   /* LANDLOCK_ACCESS_FS_*: 13 bits with ABI 1, then one with 2, 3 and 5 */
    uint64_t network; /* ABI 4: bind and connect of TCP */
    uint64_t scopes;  /* ABI 6: abstract Unix sockets and signals outside of the domain */
};

static const struct {
    uint64_t files, network, scopes;
    size_t size; /* of the ruleset that this ABI knows */
} abis[] = {
    [1] = {0x1fff, 0, 0, offsetof(struct ruleset, network)},
    [2] = {0x3fff, 0, 0, offsetof(struct ruleset, network)},
    [3] = {0x7fff, 0, 0, offsetof(struct ruleset, network)},
    [4] = {0x7fff, 3, 0, offsetof(struct ruleset, scopes)},
    [5] = {0xffff, 3, 0, offsetof(struct ruleset, scopes)},
    [6] = {0xffff, 3, 3, sizeof(struct ruleset)},
};
#define ABI_MAX ((int)(sizeof(abis) / sizeof(abis[0])) - 1)

#define SCOPE_SIGNAL UINT64_C(2)

int rs_sandbox_landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return abi > 0 ? (int)abi : 0;
}

static int add_rule(int ruleset, int abi, const struct rs_sandbox_path *path)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = path->access & abis[abi].files,
        .parent_fd = open(path->name, O_PATH | O_CLOEXEC),
    };
    int result = 0;

    if (rule.parent_fd < 0) /* what is not there cannot be opened either */
        return 0;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        result = -errno;
    close(rule.parent_fd);
    return result;
}

int rs_sandbox_landlock(const struct rs_sandbox_path *paths, size_t count, bool signals)
{
    int abi = rs_sandbox_landlock_abi() < ABI_MAX ? rs_sandbox_landlock_abi() : ABI_MAX;
    struct ruleset ruleset = {abis[abi].files, abis[abi].network, abis[abi].scopes};
    int fd, result = 0;

    if (signals)
        ruleset.scopes &= ~SCOPE_SIGNAL;
    fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, abis[abi].size, 0);
    if (fd < 0)
        return -errno;
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_rule(fd, abi, &paths[i]);
    if (result == 0 && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
        result = -errno;
    close(fd);
    return result;
}

int rs_sandbox_close_files(const struct rs_sandbox *sandbox, struct rs_error *error)
{
    int result;

    if (rs_sandbox_landlock_abi() == 0 && sandbox->mode != RS_SANDBOX_STRICT)
        return 0;
    if (rs_sandbox_landlock_abi() == 0)
        return rs_error_set(error, RS_EXIT_HOST,
                            "--sandbox=strict: this kernel has no Landlock, or it is not among the "
                            "LSMs that are on: --sandbox=on does without");
    if (RS_SANDBOX_SANITIZED) /* its reports read /proc */
        return 0;
    result = rs_sandbox_landlock(NULL, 0, sandbox->signals);
    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, -result, "sandbox: Landlock");
    return 0;
}
