/* SPDX-License-Identifier: MIT
 * /dev/kvm: opening it, saying why it cannot be used, and what it offers. */
#include "kvm_host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name, *why;
} required[] = {
#define X(capability, why) {capability, #capability, why},
    RS_KVM_REQUIRED(X)
#undef X
};

static int open_error(int errnum, struct rs_error *error)
{
    switch (errnum) {
    case ENOENT:
        return rs_error_set(error, RS_EXIT_HOST,
                            "/dev/kvm is missing: load kvm_intel or kvm_amd (virtualisation may be "
                            "off in the firmware), or use --host tcg");
    case EACCES:
    case EPERM:
        return rs_error_set(error, RS_EXIT_HOST,
                            "/dev/kvm: permission denied: join the group kvm (adduser USER kvm, "
                            "then log in again), run as root, or use --host tcg");
    case ENXIO:
    case ENODEV:
        return rs_error_set(error, RS_EXIT_HOST,
                            "/dev/kvm is there but no KVM module answers: load kvm_intel or "
                            "kvm_amd, or use --host tcg");
    default:
        return rs_error_errno(error, RS_EXIT_HOST, errnum, "/dev/kvm cannot be opened");
    }
}

int rs_kvm_open(struct rs_error *error)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    int version;

    if (fd < 0)
        return open_error(errno, error);
    version = ioctl(fd, KVM_GET_API_VERSION, 0);
    if (version != KVM_API_VERSION) {
        close(fd);
        return rs_error_set(error, RS_EXIT_HOST,
                            "/dev/kvm is not usable: it answers API version %d, not %d; use --host "
                            "tcg",
                            version, KVM_API_VERSION);
    }
    for (unsigned i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (rs_kvm_capability(fd, required[i].number) == 0) {
            close(fd);
            return rs_error_set(error, RS_EXIT_HOST,
                                "this KVM lacks %s (%s): a newer kernel has it, or use --host tcg",
                                required[i].name, required[i].why);
        }
    }
    return fd;
}

int rs_kvm_capability(int kvm_fd, int capability)
{
    int answer = ioctl(kvm_fd, KVM_CHECK_EXTENSION, capability);

    return answer > 0 ? answer : 0;
}
