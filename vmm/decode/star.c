/* SPDX-License-Identifier: MIT
 * IA32_STAR: the selectors that SYSCALL and SYSRET load, by the model, for both vendors. */
#include "decode/internal.h"
#include "model/model.h"

#include <ringscope/x86/cpu.h>

static int read_nothing(void *context, uint64_t gva, void *buffer, size_t size)
{
    (void)context;
    (void)gva;
    (void)buffer;
    (void)size;
    return -1;
}

struct selectors {
    uint16_t cs, ss;
};

static struct selectors after(uint64_t star, enum rs_cause_kind kind, uint8_t operand,
                              enum rs_vendor vendor)
{
    struct rs_model_env env = {.read = read_nothing, .vendor = vendor};
    struct rs_cause cause = {.kind = kind, .length = 2, .operand = operand};
    struct rs_cpu_state before = {
        .cs = {.l = true, .p = true, .s = true},
        .cr0 = CR0_PE | CR0_PG,
        .cr4 = CR4_PAE,
        .efer = EFER_SCE | EFER_LME | EFER_LMA,
        .rflags = RFLAGS_FIXED,
        .star = star,
        .cpl = kind == RS_CAUSE_SYSCALL ? 3 : 0,
    };
    struct rs_model_result result;

    rs_model_run(&env, &before, &cause, &result);
    return (struct selectors){result.after.cs.selector, result.after.ss.selector};
}

static void add_pair(struct rs_decoded *decoded, uint64_t star, enum rs_cause_kind kind,
                     uint8_t operand, const char *cs_name, const char *ss_name, const char *rule)
{
    struct selectors intel = after(star, kind, operand, RS_VENDOR_INTEL);
    struct selectors amd = after(star, kind, operand, RS_VENDOR_AMD);
    struct rs_decoded_field *field = rs_decoded_add(decoded, "", cs_name, intel.cs);

    rs_field_mean(field, "%s%s", rule,
                  (intel.cs & SELECTOR_RPL) == (kind == RS_CAUSE_SYSCALL ? 0 : 3) ? ""
                                                                                  : "; wrong RPL");
    if (intel.cs != amd.cs)
        rs_field_wrong(field, "Intel; AMD %#x", amd.cs);
    field = rs_decoded_add(decoded, "", ss_name, intel.ss);
    if (intel.ss != amd.ss)
        rs_field_wrong(field, "Intel; AMD takes the RPL of STAR: %#x", amd.ss);
    else
        rs_field_mean(field, "%s", "the same on Intel and AMD");
}

void rs_decode_star(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    uint64_t star = input->words[0];
    struct rs_decoded_field *field;
    uint16_t syscall = (uint16_t)(star >> 32);

    decoded->count = 0;
    field = rs_decoded_add(decoded, "31:0", "EIP", star & UINT32_MAX);
    rs_field_mean(field, "SYSCALL in legacy mode on AMD; unused in IA-32e mode");
    field = rs_decoded_add(decoded, "47:32", "SYSCALL", syscall);
    if (syscall & SELECTOR_RPL)
        rs_field_wrong(field, "RPL is not 0: CS drops it, SS keeps it");
    else
        rs_field_mean(field, "CS; SS is 8 more");
    field = rs_decoded_add(decoded, "63:48", "SYSRET", star >> 48);
    rs_field_mean(field, "32-bit CS; SS is 8 more, 64-bit CS 16 more");
    add_pair(decoded, star, RS_CAUSE_SYSCALL, 0, "SYSCALL CS", "SYSCALL SS",
             "STAR[47:32] AND FFFCh");
    add_pair(decoded, star, RS_CAUSE_SYSRET, 1, "SYSRETQ CS", "SYSRETQ SS",
             "(STAR[63:48] + 16) OR 3");
    add_pair(decoded, star, RS_CAUSE_SYSRET, 0, "SYSRETL CS", "SYSRETL SS", "STAR[63:48] OR 3");
    rs_decoded_summary(decoded, "SYSCALL CS %#x SS %#x, SYSRETQ CS %#x SS %#x, SYSRETL CS %#x",
                       after(star, RS_CAUSE_SYSCALL, 0, RS_VENDOR_INTEL).cs,
                       after(star, RS_CAUSE_SYSCALL, 0, RS_VENDOR_INTEL).ss,
                       after(star, RS_CAUSE_SYSRET, 1, RS_VENDOR_INTEL).cs,
                       after(star, RS_CAUSE_SYSRET, 1, RS_VENDOR_INTEL).ss,
                       after(star, RS_CAUSE_SYSRET, 0, RS_VENDOR_INTEL).cs);
}
