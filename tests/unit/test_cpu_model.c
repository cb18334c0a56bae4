/* SPDX-License-Identifier: MIT
 * --cpu: what it takes, and what it makes of CPUID. */
#include "kvm/cpu_model.h"
#include "unit.h"

static struct rs_cpu_model model;
static struct rs_error error;

static union {
    struct kvm_cpuid2 cpuid;
    uint8_t room[sizeof(struct kvm_cpuid2) + 4 * sizeof(struct kvm_cpuid_entry2)];
} leaves;

static void setup(void)
{
    memset(&leaves, 0, sizeof(leaves));
    leaves.cpuid.nent = 3;
    leaves.cpuid.entries[0] = (struct kvm_cpuid_entry2){.function = 0};
    memcpy(&leaves.cpuid.entries[0].ebx, "Auth", 4);
    leaves.cpuid.entries[1] =
        (struct kvm_cpuid_entry2){.function = 1, .ecx = UINT32_MAX, .edx = UINT32_MAX};
    leaves.cpuid.entries[2] = (struct kvm_cpuid_entry2){
        .function = 7, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX, .ebx = UINT32_MAX};
}

START_TEST(takes_features_away)
{
    setup();
    ck_assert_int_eq(rs_cpu_model_parse("host,-x2apic,pcid=off,+umip,-invpcid", &model, &error), 0);
    rs_cpu_model_apply(&model, -1, &leaves.cpuid);
    ck_assert_uint_eq(leaves.cpuid.entries[1].ecx, ~(1u << 21 | 1u << 17));
    ck_assert_uint_eq(leaves.cpuid.entries[2].ebx, ~(1u << 10));
    ck_assert_uint_eq(leaves.cpuid.entries[2].ecx, 0); /* what is not offered stays off */
}
END_TEST

START_TEST(the_last_word_counts)
{
    setup();
    ck_assert_int_eq(rs_cpu_model_parse("-pcid,+pcid", &model, &error), 0);
    rs_cpu_model_apply(&model, -1, &leaves.cpuid);
    ck_assert_uint_eq(leaves.cpuid.entries[1].ecx, UINT32_MAX);
}
END_TEST

START_TEST(changes_the_vendor)
{
    setup();
    ck_assert_int_eq(rs_cpu_model_parse("vendor=GenuineIntel", &model, &error), 0);
    rs_cpu_model_apply(&model, -1, &leaves.cpuid);
    ck_assert_int_eq(memcmp(&leaves.cpuid.entries[0].ebx, "Genu", 4), 0);
    ck_assert_int_eq(memcmp(&leaves.cpuid.entries[0].edx, "ineI", 4), 0);
    ck_assert_int_eq(memcmp(&leaves.cpuid.entries[0].ecx, "ntel", 4), 0);
}
END_TEST

START_TEST(takes_hyper_v_as_a_whole)
{
    ck_assert_int_eq(rs_cpu_model_parse("host,-pcid", &model, &error), 0);
    ck_assert(!model.hyperv);
    ck_assert_int_eq(rs_cpu_model_parse("host,hv-passthrough", &model, &error), 0);
    ck_assert(model.hyperv);
    ck_assert_int_eq(rs_cpu_model_parse("hv_passthrough,-pcid", &model, &error), 0);
    ck_assert(model.hyperv);
}
END_TEST

START_TEST(refuses_what_it_does_not_know)
{
    static const char *const wrong[] = {"",           "host,",        "host,,-pcid", "-nosuch",
                                        "pcid=maybe", "vendor=Intel", "max,host",    "hv-time"};

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        error.message[0] = '\0';
        ck_assert_msg(rs_cpu_model_parse(wrong[i], &model, &error) == -1, "'%s' is let through",
                      wrong[i]);
        ck_assert_int_eq(error.exit_code, RS_EXIT_USAGE);
        ck_assert_ptr_nonnull(strstr(error.message, "--cpu"));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu_model");

    UNIT_ADD(suite, takes_features_away);
    UNIT_ADD(suite, the_last_word_counts);
    UNIT_ADD(suite, changes_the_vendor);
    UNIT_ADD(suite, takes_hyper_v_as_a_whole);
    UNIT_ADD(suite, refuses_what_it_does_not_know);
    return unit_run(suite);
}
