/* SPDX-License-Identifier: MIT
 * Telling KVM that pages have changed under it. */
#include "touch.h"

#include "kvm/events.h"
#include "kvm/vcpu_image.h"

#include <errno.h>
#include <ringscope/layout.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PORT_DONE 0x9b
#define SLOT 0
#define ENTRIES (PAGE_SIZE / 8)
#define RIGHTS (PTE_P | PTE_W | PTE_A | PTE_D)

/* Pages at RS_GPA_TOUCH: PML4, PDPT, a PD for each GiB, the code. */
enum {
    PAGE_PML4,
    PAGE_PDPT,
    PAGE_PD,
    PAGE_CODE = PAGE_PD + 4,
    PAGES = RS_TOUCH_SIZE / PAGE_SIZE
};

/* One instruction for each page: where ring 0 is interpreted each takes a microsecond. Its address
 * is 32 bits, sign-extended, so the tables have the upper 2 GiB twice. */
struct __attribute__((packed)) touch {
    uint8_t addw[4]; /* addw $0, disp32 */
    uint32_t address;
    uint8_t zero;
};
static const uint8_t addw[] = {0x66, 0x83, 0x04, 0x25};
static const uint8_t done[] = {0xe6, PORT_DONE}; /* outb %al, $PORT_DONE */

#define TOUCHES_MAX (((PAGES - PAGE_CODE) * PAGE_SIZE - sizeof(done)) / sizeof(struct touch))

static uint64_t *page_at(struct rs_touch *touch, unsigned page)
{
    return (uint64_t *)(touch->host + page * PAGE_SIZE);
}

static uint64_t gpa_of(unsigned page)
{
    return RS_GPA_TOUCH + page * PAGE_SIZE;
}

static void fill_tables(struct rs_touch *touch)
{
    page_at(touch, PAGE_PML4)[0] = gpa_of(PAGE_PDPT) | RIGHTS;
    page_at(touch, PAGE_PML4)[ENTRIES - 1] = gpa_of(PAGE_PDPT) | RIGHTS;
    for (unsigned i = 0; i < 4; i++)
        page_at(touch, PAGE_PDPT)[i] = gpa_of(PAGE_PD + i) | RIGHTS;
    for (unsigned i = 2; i < 4; i++)
        page_at(touch, PAGE_PDPT)[ENTRIES - 4 + i] = gpa_of(PAGE_PD + i) | RIGHTS;
    for (uint64_t i = 0; i < 4 * ENTRIES; i++)
        page_at(touch, PAGE_PD)[i] = i * LARGE_PAGE_SIZE | RIGHTS | PTE_PS;
}

static void fill_code(struct rs_touch *touch, const uint64_t *gpas, size_t count)
{
    struct touch *code = (struct touch *)(touch->host + PAGE_CODE * PAGE_SIZE);

    for (size_t i = 0; i < count; i++) {
        memcpy(code[i].addw, addw, sizeof(addw));
        code[i].address = (uint32_t)gpas[i];
        code[i].zero = 0;
    }
    memcpy(&code[count], done, sizeof(done));
}

int rs_touch_open(struct rs_touch *touch, struct rs_vm *vm, struct rs_error *error)
{
    void *host =
        mmap(NULL, RS_TOUCH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    touch->host = NULL;
    if (host == MAP_FAILED)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "memory for a snapshot");
    touch->host = host;
    if (rs_vm_add_own(vm, SLOT, RS_GPA_TOUCH, host, RS_TOUCH_SIZE, error) == 0)
        return 0;
    rs_touch_close(touch);
    return -1;
}

void rs_touch_close(struct rs_touch *touch)
{
    if (touch->host)
        munmap(touch->host, RS_TOUCH_SIZE);
    touch->host = NULL;
}

static int prepare(struct rs_vcpu *vcpu, struct rs_error *error)
{
    struct kvm_mp_state runnable = {KVM_MP_STATE_RUNNABLE};

    if (rs_vcpu_clear_events(vcpu) != 0 || ioctl(vcpu->fd, KVM_SET_MP_STATE, &runnable) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_MP_STATE");
    return rs_vcpu_set_long_mode(vcpu, gpa_of(PAGE_CODE), 0, gpa_of(PAGE_PML4), error);
}

static int run(struct rs_vcpu *vcpu, struct rs_error *error)
{
    int result;

    vcpu->run->immediate_exit = 0;
    do {
        result = rs_vcpu_run(vcpu);
    } while (result == -EINTR || result == -EAGAIN);
    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, -result, "KVM_RUN, to restore a snapshot");
    rs_vcpu_fetch(vcpu);
    if (vcpu->run->exit_reason != KVM_EXIT_IO || vcpu->run->io.port != PORT_DONE)
        return rs_error_set(error, RS_EXIT_HOST,
                            "restoring a snapshot ended with exit %u at %#llx instead of its port",
                            vcpu->run->exit_reason, (unsigned long long)rs_vcpu_regs(vcpu)->rip);
    return rs_vcpu_complete(vcpu);
}

int rs_touch_pages(struct rs_touch *touch, struct rs_vcpu *vcpu, const uint64_t *gpas, size_t count,
                   struct rs_error *error)
{
    size_t begun = 0;

    do {
        size_t part = count - begun < TOUCHES_MAX ? count - begun : TOUCHES_MAX;

        fill_tables(touch); /* whatever the guest has done to them */
        fill_code(touch, gpas + begun, part);
        if (prepare(vcpu, error) != 0 || run(vcpu, error) != 0)
            return -1;
        begun += part;
    } while (begun < count);
    return 0;
}
