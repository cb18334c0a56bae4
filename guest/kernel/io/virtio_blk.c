/* SPDX-License-Identifier: MIT
 * Driver of the paging file's disk: virtio over MMIO, one request at a time. */

#include "cpu.h"
#include "io.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"

/* VIRTIO 1.1, "MMIO Device Register Layout". */
#define REG_MAGIC 0x000
#define REG_VERSION 0x004
#define REG_DEVICE_ID 0x008
#define REG_DRIVER_FEATURES 0x020
#define REG_DRIVER_FEATURES_SELECT 0x024
#define REG_QUEUE_NUM_MAX 0x034
#define REG_QUEUE_NUM 0x038
#define REG_QUEUE_READY 0x044
#define REG_QUEUE_NOTIFY 0x050
#define REG_INTERRUPT_STATUS 0x060
#define REG_INTERRUPT_ACK 0x064
#define REG_STATUS 0x070
#define REG_QUEUE_DESC 0x080
#define REG_QUEUE_DRIVER 0x090
#define REG_QUEUE_DEVICE 0x0a0

#define MAGIC 0x74726976u
#define DEVICE_BLOCK 2
#define STATUS_ACKNOWLEDGE_DRIVER 3u
#define STATUS_FEATURES_OK 8u
#define STATUS_DRIVER_OK 4u
#define FEATURES_HIGH_VERSION_1 1u

/* VIRTIO 1.1, "Split Virtqueues" and "Block Device". */
#define DESC_NEXT 1u
#define DESC_WRITE 2u
#define AVAIL_NO_INTERRUPT 1u
#define TYPE_IN 0u
#define TYPE_OUT 1u
#define SECTOR 512u
#define QUEUE_SIZE 32u

struct descriptor {
    uint64_t Address;
    uint32_t Length;
    uint16_t Flags;
    uint16_t Next;
};

/* All that the device reads and writes, in one page. */
struct queue {
    struct descriptor Descriptors[QUEUE_SIZE];
    struct {
        uint16_t Flags, Index, Ring[QUEUE_SIZE];
    } Available;
    struct {
        _Alignas(4) uint16_t Flags;
        uint16_t Index;
        struct {
            uint32_t Id, Length;
        } Ring[QUEUE_SIZE];
    } Used;
    struct {
        uint32_t Type, Reserved;
        uint64_t Sector;
    } Header;
    uint8_t Status;
};

_Static_assert(sizeof(struct queue) <= PAGE_SIZE, "the queue fills one page");
_Static_assert(MM_CLUSTER + 2 <= QUEUE_SIZE, "a request fits the queue");

static volatile struct queue *queue; /* NULL: not started yet */
static uint64_t queue_gpa;

static volatile uint32_t *device_register(unsigned offset)
{
    return (volatile uint32_t *)((uint8_t *)MmPhysical(KeBootInfo->pagefile.gpa) + offset);
}

static void write_address(unsigned offset, uint64_t gpa)
{
    *device_register(offset) = (uint32_t)gpa;
    *device_register(offset + 4) = (uint32_t)(gpa >> 32);
}

static bool start_queue(uint64_t gpa)
{
    if (*device_register(REG_QUEUE_NUM_MAX) < QUEUE_SIZE)
        return false;
    *device_register(REG_QUEUE_NUM) = QUEUE_SIZE;
    write_address(REG_QUEUE_DESC, gpa + offsetof(struct queue, Descriptors));
    write_address(REG_QUEUE_DRIVER, gpa + offsetof(struct queue, Available));
    write_address(REG_QUEUE_DEVICE, gpa + offsetof(struct queue, Used));
    *device_register(REG_QUEUE_READY) = 1;
    return *device_register(REG_QUEUE_READY);
}

/* At the first page out, not at boot. */
static bool start_device(void)
{
    uint32_t status = STATUS_ACKNOWLEDGE_DRIVER;

    if (*device_register(REG_MAGIC) != MAGIC || *device_register(REG_VERSION) != 2 ||
        *device_register(REG_DEVICE_ID) != DEVICE_BLOCK)
        return false;
    *device_register(REG_STATUS) = 0;
    *device_register(REG_STATUS) = status;
    *device_register(REG_DRIVER_FEATURES_SELECT) = 1;
    *device_register(REG_DRIVER_FEATURES) = FEATURES_HIGH_VERSION_1;
    status |= STATUS_FEATURES_OK;
    *device_register(REG_STATUS) = status;
    queue_gpa = MiAllocateFrame();
    if (*device_register(REG_STATUS) != status || !queue_gpa || !start_queue(queue_gpa))
        return false;
    *device_register(REG_STATUS) = status | STATUS_DRIVER_OK;
    queue = MmPhysical(queue_gpa);
    IoConnectInterrupt(KeBootInfo->pagefile.gsi, RS_VECTOR_DISK);
    return true;
}

static void describe(unsigned index, uint64_t gpa, uint32_t length, uint16_t flags)
{
    queue->Descriptors[index].Address = gpa;
    queue->Descriptors[index].Length = length;
    queue->Descriptors[index].Flags = flags;
    queue->Descriptors[index].Next = (uint16_t)(index + 1);
}

static void build_request(uint32_t type, uint64_t offset, const uint64_t *frames, unsigned count)
{
    uint16_t data = type == TYPE_IN ? DESC_NEXT | DESC_WRITE : DESC_NEXT;

    queue->Header.Type = type;
    queue->Header.Sector = offset / SECTOR;
    queue->Status = 0xff;
    describe(0, queue_gpa + offsetof(struct queue, Header), sizeof(queue->Header), DESC_NEXT);
    for (unsigned i = 0; i < count; i++)
        describe(1 + i, frames[i], PAGE_SIZE, data);
    describe(1 + count, queue_gpa + offsetof(struct queue, Status), 1, DESC_WRITE);
}

/*
 * A request is often done when the notification returns. Only a device that is not is asked for an
 * interrupt; it may finish meanwhile, so that it is looked at again with interrupts off. With
 * several processors the interrupt goes to the first one, and this one looks for itself.
 */
static void wait_for_device(uint16_t index)
{
    uint64_t flags = KiSaveAndDisableInterrupts();

    while (KiMultiprocessor && queue->Used.Index != index)
        KiPause();
    while (queue->Used.Index != index) {
        queue->Available.Flags = 0;
        KiFence();
        if (queue->Used.Index != index)
            KiEnableAndHalt();
    }
    KiRestoreInterrupts(flags);
}

static NTSTATUS transfer(uint32_t type, uint64_t offset, const uint64_t *frames, unsigned count)
{
    uint16_t index;

    if (!queue && !start_device())
        return STATUS_IO_DEVICE_ERROR;
    index = queue->Available.Index;
    build_request(type, offset, frames, count);
    queue->Available.Flags = AVAIL_NO_INTERRUPT;
    queue->Available.Ring[index % QUEUE_SIZE] = 0;
    __asm__ volatile("" : : : "memory"); /* stores stay in order: SDM Vol. 3A, "Memory Ordering" */
    queue->Available.Index = ++index;
    *device_register(REG_QUEUE_NOTIFY) = 0;
    wait_for_device(index);
    return queue->Status == 0 ? STATUS_SUCCESS : STATUS_IO_DEVICE_ERROR;
}

NTSTATUS IoPageRead(uint64_t offset, const uint64_t *frames, unsigned count)
{
    return transfer(TYPE_IN, offset, frames, count);
}

NTSTATUS IoPageWrite(uint64_t offset, const uint64_t *frames, unsigned count)
{
    return transfer(TYPE_OUT, offset, frames, count);
}

void IoDiskInterrupt(void)
{
    *device_register(REG_INTERRUPT_ACK) = *device_register(REG_INTERRUPT_STATUS);
}
