/* SPDX-License-Identifier: MIT
 * No new privileges, no capabilities, another user. */
#include "internal.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534 /* Debian Policy, "UID and GID classes" */

static bool parse_id(const char *text, size_t length, unsigned *id)
{
    char digits[16];
    unsigned long number;

    if (length == 0 || length >= sizeof(digits) || strspn(text, "0123456789") < length)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    number = strtoul(digits, NULL, 10);
    *id = (unsigned)number;
    return number < UINT32_MAX; /* -1 means "leave it" */
}

static int look_up(const char *name, struct rs_sandbox *sandbox, struct rs_error *error)
{
    const struct passwd *user = getpwnam(name);

    if (!user)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "--user '%s': no such user: NAME of one, UID, or UID:GID", name);
    sandbox->uid = user->pw_uid;
    sandbox->gid = user->pw_gid;
    return 0;
}

int rs_sandbox_parse_user(const char *text, struct rs_sandbox *sandbox, struct rs_error *error)
{
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);

    sandbox->has_user = true;
    if (!parse_id(text, length, &sandbox->uid)) {
        if (look_up(text, sandbox, error) != 0)
            return -1;
    } else {
        sandbox->gid = sandbox->uid;
        if (colon && !parse_id(colon + 1, strlen(colon + 1), &sandbox->gid))
            return rs_error_set(error, RS_EXIT_USAGE,
                                "--user '%s': no such group: NAME of a user, UID, or UID:GID",
                                text);
    }
    if (sandbox->uid == 0)
        return rs_error_set(error, RS_EXIT_USAGE, "--user '%s' is root: nothing would be given up",
                            text);
    if (geteuid() != 0 && geteuid() != sandbox->uid)
        return rs_error_set(error, RS_EXIT_USAGE, "--user '%s': only root can become another user",
                            text);
    return 0;
}

static int become(uid_t uid, gid_t gid, struct rs_error *error)
{
    if (geteuid() != 0)
        return 0;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "sandbox: becoming user %u:%u", uid, gid);
    return 0;
}

/* While there is CAP_SETPCAP. Without it no_new_privs keeps what is left harmless. */
void rs_sandbox_drop_bounding_set(void)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0;)
        capability++;
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int rs_sandbox_drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

    return syscall(SYS_capset, &header, none) == 0 ? 0 : -errno;
}

int rs_sandbox_drop_privileges(const struct rs_sandbox *sandbox, struct rs_error *error)
{
    int result;

    rs_sandbox_drop_bounding_set();
    if (sandbox->has_user && become(sandbox->uid, sandbox->gid, error) != 0)
        return -1;
    if (!sandbox->has_user && sandbox->mode == RS_SANDBOX_STRICT &&
        become(NOBODY, NOBODY, error) != 0)
        return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "sandbox: PR_SET_NO_NEW_PRIVS");
    result = rs_sandbox_drop_capabilities();
    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, -result, "sandbox: capset");
    return 0;
}
