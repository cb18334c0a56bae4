/* SPDX-License-Identifier: MIT
 * The filters: which calls are let through whatever their arguments are. The kernel finds that out
 * when a filter is loaded, by running it with nothing known but the interface and the number, and
 * does not run it again for those calls (seccomp(2); kernel/seccomp.c, "seccomp_cache_prepare").
 * This is the same here. */
#include "sandbox/calls.h"
#include "sandbox/internal.h"
#include "unit.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#define CALLS 512      /* more than there are */
#define UNKNOWN 0x2000 /* no action: it depends on an argument */

static bool jumps(const struct sock_filter *instruction, uint32_t value)
{
    switch (BPF_OP(instruction->code)) {
    case BPF_JEQ:
        return value == instruction->k;
    case BPF_JGT:
        return value > instruction->k;
    case BPF_JGE:
        return value >= instruction->k;
    default:
        return (value & instruction->k) != 0;
    }
}

static uint32_t decide(const struct rs_sandbox_filter *filter, uint32_t arch, uint32_t call)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < filter->count; i++) {
        const struct sock_filter *instruction = &filter->instructions[i];

        if (instruction->code == (BPF_LD | BPF_W | BPF_ABS)) {
            if (instruction->k == offsetof(struct seccomp_data, nr))
                value = call;
            else if (instruction->k == offsetof(struct seccomp_data, arch))
                value = arch;
            else
                return UNKNOWN;
        } else if (instruction->code == (BPF_JMP | BPF_JA)) {
            i += instruction->k;
        } else if (BPF_CLASS(instruction->code) == BPF_JMP) {
            i += jumps(instruction, value) ? instruction->jt : instruction->jf;
        } else if (instruction->code == (BPF_RET | BPF_K)) {
            return instruction->k;
        } else {
            return UNKNOWN;
        }
    }
    ck_abort_msg("the filter has no end");
    return UNKNOWN;
}

#define ALLOW(call) [SYS_##call] = true,
static const bool vcpu_calls[CALLS] = {RS_SANDBOX_CALLS_COMMON(ALLOW) RS_SANDBOX_CALLS_VCPU(ALLOW)};
static const bool session_calls[CALLS] = {RS_SANDBOX_CALLS_COMMON(ALLOW)
                                              RS_SANDBOX_CALLS_SESSION(ALLOW)};
static const bool relay_calls[CALLS] = {
    RS_SANDBOX_CALLS_COMMON(ALLOW) RS_SANDBOX_CALLS_SESSION(ALLOW) RS_SANDBOX_CALLS_RELAY(ALLOW)};
static const bool worker_calls[CALLS] = {
    RS_SANDBOX_CALLS_COMMON(ALLOW) RS_SANDBOX_CALLS_SESSION(ALLOW) RS_SANDBOX_CALLS_WORKER(ALLOW)};
static const bool sanitizer_calls[CALLS] = {RS_SANDBOX_CALLS_SANITIZER(ALLOW)
                                                RS_SANDBOX_CALLS_REFUSED(ALLOW)};

static const struct {
    const char *name;
    enum rs_sandbox_role role;
    const bool *calls;
    bool any_ioctl;
} roles[] = {
    {"session", RS_SANDBOX_SESSION, session_calls, false},
    {"vcpu", RS_SANDBOX_VCPU, vcpu_calls, false},
    {"relay", RS_SANDBOX_RELAY, relay_calls, false},
    {"worker", RS_SANDBOX_WORKER, worker_calls, false},
    {"vcpu, files of its own", RS_SANDBOX_VCPU_OWN_FILES, vcpu_calls, true},
};

static bool is_expected(int row, int call)
{
    return roles[row].calls[call] || (roles[row].any_ioctl && call == SYS_ioctl) ||
           (RS_SANDBOX_SANITIZED && sanitizer_calls[call]);
}

START_TEST(the_kernel_need_not_run_it)
{
    struct rs_sandbox_filter filter;
    struct rs_error error;

    ck_assert_int_eq(rs_sandbox_make_filter(&filter, roles[_i].role, &error), 0);
    for (int call = 0; call < CALLS; call++) {
        const char *name = rs_sandbox_call_name(call);
        uint32_t decision = decide(&filter, AUDIT_ARCH_X86_64, (uint32_t)call);

        ck_assert_msg((decision == SECCOMP_RET_ALLOW) == is_expected(_i, call),
                      "%s: %s (%d): decision %#x", roles[_i].name, name ? name : "?", call,
                      decision);
    }
    rs_sandbox_free_filter(&filter);
}
END_TEST

/* What is in no list and has no rule of its own is not left to an argument, either. */
START_TEST(arguments_decide_about_few)
{
    static const bool some[CALLS] = {
        [SYS_ioctl] = true,      [SYS_tgkill] = true, [SYS_mprotect] = true, [SYS_mmap] = true,
        [SYS_newfstatat] = true, [SYS_clone] = true,  [SYS_seccomp] = true};
    struct rs_sandbox_filter filter;
    struct rs_error error;

    ck_assert_int_eq(rs_sandbox_make_filter(&filter, roles[_i].role, &error), 0);
    for (int call = 0; call < CALLS; call++)
        if (decide(&filter, AUDIT_ARCH_X86_64, (uint32_t)call) == UNKNOWN)
            ck_assert_msg(some[call], "%s: call %d", roles[_i].name, call);
    rs_sandbox_free_filter(&filter);
}
END_TEST

START_TEST(the_32_bit_interfaces_have_no_call)
{
    struct rs_sandbox_filter filter;
    struct rs_error error;

    ck_assert_int_eq(rs_sandbox_make_filter(&filter, roles[_i].role, &error), 0);
    for (uint32_t call = 0; call < CALLS; call++) {
        ck_assert_uint_eq(decide(&filter, AUDIT_ARCH_I386, call), SECCOMP_RET_TRAP);
        ck_assert_uint_eq(decide(&filter, AUDIT_ARCH_X86_64, 0x40000000 | call), SECCOMP_RET_TRAP);
    }
    rs_sandbox_free_filter(&filter);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sandbox_filter");

    UNIT_ADD_ROWS(suite, the_kernel_need_not_run_it, roles);
    UNIT_ADD_ROWS(suite, arguments_decide_about_few, roles);
    UNIT_ADD_ROWS(suite, the_32_bit_interfaces_have_no_call, roles);
    return unit_run(suite);
}
