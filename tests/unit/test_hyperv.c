/* SPDX-License-Identifier: MIT
 * Hyper-V's interface: leaves of CPUID, exits, and the device that raises synthetic interrupts. */
#include "devices/hyperv_testdev.h"
#include "exits/exits.h"
#include "fake_guest.h"
#include "kvm/cpuid.h"
#include "kvm/hyperv.h"
#include "unit.h"

#define ROOM 6

struct leaves {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entries[ROOM];
};

static struct leaves own, offered;

static void add(struct leaves *leaves, uint32_t leaf, uint32_t eax)
{
    leaves->entries[leaves->head.nent++] = (struct kvm_cpuid_entry2){
        .function = leaf, .eax = eax, .ebx = UINT32_MAX, .edx = UINT32_MAX};
}

static void set_up_leaves(void)
{
    memset(&own, 0, sizeof(own));
    memset(&offered, 0, sizeof(offered));
    add(&own, 1, 7);
    add(&own, 0x40000000, 0x40000001);
    add(&own, 0x40000001, 0x1234);
    add(&offered, 0x40000000, 0x40000082);
    add(&offered, 0x40000001, 0x31237648);
    add(&offered, 0x40000003, 0xe);
    add(&offered, 0x40000080, 0x40000082);
    add(&offered, 0x40000082, 2);
}

START_TEST(leaves_take_the_place_of_kvms)
{
    const struct kvm_cpuid_entry2 *entry;

    set_up_leaves();
    ck_assert_int_eq(rs_hyperv_merge(&own.head, ROOM, &offered.head), 0);
    ck_assert_uint_eq(own.head.nent, 6);
    ck_assert_uint_eq(rs_cpuid_find(&own.head, 1, 0)->eax, 7);
    /* The last leaf is one that is there: the debugger's are not. */
    ck_assert_uint_eq(rs_cpuid_find(&own.head, 0x40000000, 0)->eax, 0x40000003);
    ck_assert_uint_eq(rs_cpuid_find(&own.head, 0x40000001, 0)->eax, 0x31237648);
    ck_assert_uint_eq(rs_cpuid_find(&own.head, 0x40000100, 0)->eax, 0x40000101);
    ck_assert_uint_eq(rs_cpuid_find(&own.head, 0x40000101, 0)->eax, 0x1234);
    ck_assert_ptr_null(rs_cpuid_find(&own.head, 0x40000080, 0));
    ck_assert_ptr_null(rs_cpuid_find(&own.head, 0x40000082, 0));
    entry = rs_cpuid_find(&own.head, 0x40000003, 0);
    ck_assert_uint_eq(entry->eax, 0xe);
    ck_assert_uint_eq(entry->ebx, ~(1u << 11));
    ck_assert_uint_eq(entry->edx, ~(1u << 1 | 1u << 11));
}
END_TEST

START_TEST(leaves_that_do_not_fit_are_refused)
{
    set_up_leaves();
    ck_assert_int_eq(rs_hyperv_merge(&own.head, ROOM - 1, &offered.head), -1);
}
END_TEST

static unsigned raised[8][2], raised_count;

static void raise_sint(void *context, unsigned cpu, unsigned sint)
{
    ck_assert_ptr_eq(context, raised);
    ck_assert_uint_lt(raised_count, ARRAY_SIZE(raised));
    raised[raised_count][0] = cpu;
    raised[raised_count++][1] = sint;
}

static void out(struct rs_hyperv_testdev *device, uint16_t port, uint8_t size, uint32_t value)
{
    struct rs_port_io io = {.port = port, .size = size, .out = true, .value = value};

    rs_hyperv_testdev_io(device, &io);
}

START_TEST(device_raises_what_was_made)
{
    struct rs_hyperv_testdev device;
    struct rs_port_io io = {.port = 0x3000, .size = 4};

    raised_count = 0;
    rs_hyperv_testdev_init(&device, 2, raise_sint, raised);
    out(&device, 0x3000, 4, 0x03010f); /* not made yet */
    ck_assert_uint_eq(raised_count, 0);
    out(&device, 0x3000, 4, 0x01010f);
    out(&device, 0x3000, 4, 0x03010f);
    ck_assert_uint_eq(raised_count, 1);
    ck_assert_uint_eq(raised[0][0], 1);
    ck_assert_uint_eq(raised[0][1], 15);
    out(&device, 0x3000, 4, 0x03000f); /* of the other vCPU */
    out(&device, 0x3000, 4, 0x03010e); /* another one */
    ck_assert_uint_eq(raised_count, 1);
    out(&device, 0x3000, 4, 0x02010f);
    out(&device, 0x3000, 4, 0x03010f);
    ck_assert_uint_eq(raised_count, 1);
    rs_hyperv_testdev_io(&device, &io);
    ck_assert_uint_eq(io.value, UINT32_MAX);
}
END_TEST

START_TEST(device_takes_no_others)
{
    struct rs_hyperv_testdev device;

    raised_count = 0;
    rs_hyperv_testdev_init(&device, 2, raise_sint, raised);
    for (uint32_t place = 0; place <= 0xffff; place++) {
        if (place >> 8 < 2 && (place & 0xff) < 16)
            continue;
        out(&device, 0x3000, 4, 0x010000 | place);
        out(&device, 0x3000, 4, 0x030000 | place);
    }
    out(&device, 0x3000, 2, 0x010000); /* the command is not in it */
    out(&device, 0x3001, 4, 0x010000);
    for (uint32_t command = 0; command <= 0xff; command++)
        if (command != 1)
            out(&device, 0x3000, 4, 0xab000000 | command << 16);
    ck_assert_uint_eq(raised_count, 0);
    for (size_t i = 0; i < ARRAY_SIZE(device.ways); i++)
        ck_assert_uint_eq(device.ways[i], 0);
}
END_TEST

START_TEST(exits)
{
    struct rs_machine *machine = fake_guest_new(NULL, 0);
    struct kvm_run *run = machine->cpus->vcpu.run;

    run->exit_reason = KVM_EXIT_HYPERV;
    run->hyperv.type = KVM_EXIT_HYPERV_SYNIC;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    run->hyperv.type = KVM_EXIT_HYPERV_HCALL;
    run->hyperv.u.hcall.result = 0;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_RESUME);
    ck_assert_uint_eq(run->hyperv.u.hcall.result, 2);
    run->hyperv.type = KVM_EXIT_HYPERV_SYNDBG;
    ck_assert_int_eq(rs_exit_handle(machine->cpus), RS_EXIT_STOP);
    ck_assert_int_eq(machine->stop.kind, RS_STOP_CRASH);
    ck_assert_ptr_nonnull(strstr(machine->stop.message, "type 3"));
    fake_guest_free(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hyperv");

    UNIT_ADD(suite, leaves_take_the_place_of_kvms);
    UNIT_ADD(suite, leaves_that_do_not_fit_are_refused);
    UNIT_ADD(suite, device_raises_what_was_made);
    UNIT_ADD(suite, device_takes_no_others);
    UNIT_ADD(suite, exits);
    return unit_run(suite);
}
