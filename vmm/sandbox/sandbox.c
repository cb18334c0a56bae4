/* SPDX-License-Identifier: MIT
 * Giving up what running a guest does not need: the order of it. */
#include "sandbox.h"

#include "internal.h"

#include <string.h>

bool rs_sandbox_parse(const char *text, enum rs_sandbox_mode *mode)
{
    static const char *const names[] = {
        [RS_SANDBOX_OFF] = "off",
        [RS_SANDBOX_ON] = "on",
        [RS_SANDBOX_STRICT] = "strict",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            *mode = (enum rs_sandbox_mode)i;
            return true;
        }
    }
    return false;
}

/* The limits read /proc, which Landlock closes; Landlock asks for no_new_privs or a capability. */
int rs_sandbox_enter(const struct rs_sandbox *sandbox, struct rs_error *error)
{
    if (sandbox->mode == RS_SANDBOX_OFF)
        return 0;
    if (rs_sandbox_set_limits(sandbox, error) != 0 ||
        rs_sandbox_drop_privileges(sandbox, error) != 0)
        return -1;
    return rs_sandbox_close_files(sandbox, error);
}
