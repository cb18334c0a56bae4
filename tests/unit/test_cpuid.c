/* SPDX-License-Identifier: MIT
 * What CPUID tells a vCPU of the others. SDM Vol. 2A, "CPUID", leaves 01H, 04H and 0BH; AMD64 APM
 * Vol. 3, Fn8000_0008 and Fn8000_001E. */
#include "kvm/cpuid.h"

#include "unit.h"

#define APIC_ID 5
#define COUNT 6
#define HTT (1u << 28)

static struct {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entries[8];
} leaves;

static void add(uint32_t leaf, uint32_t subleaf, bool has_subleaves)
{
    leaves.entries[leaves.head.nent++] = (struct kvm_cpuid_entry2){
        .function = leaf,
        .index = subleaf,
        .flags = has_subleaves ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
        .eax = UINT32_MAX,
        .ebx = UINT32_MAX,
        .ecx = UINT32_MAX,
        .edx = UINT32_MAX,
    };
}

/* As of a host with other numbers in all of them. */
static void setup(uint32_t apic_id, uint32_t count)
{
    memset(&leaves, 0, sizeof(leaves));
    add(1, 0, false);
    add(4, 0, true);
    for (uint32_t subleaf = 0; subleaf < 3; subleaf++)
        add(0xb, subleaf, true);
    add(0x80000008, 0, false);
    add(0x8000001e, 0, false);
    add(2, 0, false);
    rs_cpuid_set_topology(&leaves.head, apic_id, count);
}

static const struct kvm_cpuid_entry2 *leaf(uint32_t number, uint32_t subleaf)
{
    return rs_cpuid_find(&leaves.head, number, subleaf);
}

START_TEST(each_vcpu_is_a_core)
{
    setup(APIC_ID, COUNT);
    ck_assert_uint_eq(leaf(1, 0)->ebx, (uint32_t)APIC_ID << 24 | COUNT << 16 | 0xffff);
    ck_assert_uint_eq(leaf(1, 0)->edx & HTT, HTT);
    ck_assert_uint_eq(leaf(4, 0)->eax >> 26, COUNT - 1);
    ck_assert_uint_eq(leaf(4, 0)->eax >> 14 & 0xfff, 0);
    ck_assert_uint_eq(leaf(0xb, 0)->eax, 0);
    ck_assert_uint_eq(leaf(0xb, 0)->ebx, 1);
    ck_assert_uint_eq(leaf(0xb, 0)->ecx, 0x100);
    ck_assert_uint_eq(leaf(0xb, 1)->eax, 3); /* ids 0 to 7 */
    ck_assert_uint_eq(leaf(0xb, 1)->ebx, COUNT);
    ck_assert_uint_eq(leaf(0xb, 1)->ecx, 0x201);
    ck_assert_uint_eq(leaf(0xb, 2)->ebx, 0);
    ck_assert_uint_eq(leaf(0xb, 2)->ecx, 2);
    for (uint32_t subleaf = 0; subleaf < 3; subleaf++)
        ck_assert_uint_eq(leaf(0xb, subleaf)->edx, APIC_ID);
    ck_assert_uint_eq(leaf(0x80000008, 0)->ecx & 0xf0ff, 0x3000 | (COUNT - 1));
    ck_assert_uint_eq(leaf(0x8000001e, 0)->eax, APIC_ID);
}
END_TEST

START_TEST(one_vcpu_is_alone)
{
    setup(0, 1);
    ck_assert_uint_eq(leaf(1, 0)->ebx, 0x0001ffff);
    ck_assert_uint_eq(leaf(1, 0)->edx & HTT, 0);
    ck_assert_uint_eq(leaf(4, 0)->eax >> 14, 0);
    ck_assert_uint_eq(leaf(0xb, 1)->eax, 0);
    ck_assert_uint_eq(leaf(0x80000008, 0)->ecx & 0xf0ff, 0);
}
END_TEST

START_TEST(other_leaves_are_the_hosts)
{
    setup(APIC_ID, COUNT);
    ck_assert_uint_eq(leaf(2, 0)->eax & leaf(2, 0)->ebx & leaf(2, 0)->ecx & leaf(2, 0)->edx,
                      UINT32_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpuid");

    UNIT_ADD(suite, each_vcpu_is_a_core);
    UNIT_ADD(suite, one_vcpu_is_alone);
    UNIT_ADD(suite, other_leaves_are_the_hosts);
    return unit_run(suite);
}
