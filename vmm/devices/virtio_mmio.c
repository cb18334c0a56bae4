/* SPDX-License-Identifier: MIT
 * The registers of a virtio device and what writing to them does. */
#include "virtio_mmio.h"

#include <string.h>

/* VIRTIO 1.1, "MMIO Device Register Layout". */
enum {
    MAGIC_VALUE = 0x000,
    VERSION = 0x004,
    DEVICE_ID = 0x008,
    VENDOR_ID = 0x00c,
    DEVICE_FEATURES = 0x010,
    DEVICE_FEATURES_SELECT = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_SELECT = 0x024,
    QUEUE_SELECT = 0x030,
    QUEUE_NUM_MAX = 0x034,
    QUEUE_NUM = 0x038,
    QUEUE_READY = 0x044,
    QUEUE_NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACK = 0x064,
    STATUS = 0x070,
    QUEUE_DESC = 0x080,
    QUEUE_DRIVER = 0x090,
    QUEUE_DEVICE = 0x0a0,
    SHM_LENGTH = 0x0b0,
    SHM_BASE_END = 0x0bf,
    CONFIG = 0x100
};

#define MAGIC 0x74726976u   /* "virt" */
#define VENDOR 0x50435352u  /* "RSCP" */
#define INTERRUPT_USED 1u   /* a buffer was used */
#define INTERRUPT_CONFIG 2u /* the device's state has changed */

/* VIRTIO 1.1, "Device Status Field". */
#define STATUS_DRIVER_OK 4u
#define STATUS_FEATURES_OK 8u
#define STATUS_NEEDS_RESET 64u

void rs_virtio_init(struct rs_virtio *virtio, const struct rs_virtio_device *device,
                    const struct rs_memory *memory, void (*interrupt)(void *context, bool level),
                    void *interrupt_context)
{
    *virtio = (struct rs_virtio){
        .device = *device,
        .memory = memory,
        .interrupt = interrupt,
        .interrupt_context = interrupt_context,
    };
    virtio->device.features |= RS_VIRTIO_F_VERSION_1;
}

static void set_interrupt_status(struct rs_virtio *virtio, uint32_t status)
{
    bool before = virtio->interrupt_status != 0;

    virtio->interrupt_status = status;
    if ((status != 0) != before)
        virtio->interrupt(virtio->interrupt_context, !before);
}

static void reset(struct rs_virtio *virtio)
{
    set_interrupt_status(virtio, 0);
    rs_virtio_init(virtio, &virtio->device, virtio->memory, virtio->interrupt,
                   virtio->interrupt_context);
}

/* The driver does not follow the protocol: nothing works until it resets the device. */
static void need_reset(struct rs_virtio *virtio)
{
    virtio->status |= STATUS_NEEDS_RESET;
    set_interrupt_status(virtio, virtio->interrupt_status | INTERRUPT_CONFIG);
}

/* At most as many requests as the queue has descriptors: the guest waits meanwhile. */
static void serve_queue(struct rs_virtio *virtio)
{
    struct rs_virtqueue *queue = &virtio->queue;
    struct rs_virtqueue_chain chain;
    unsigned served = 0;
    int result = 0;

    if (!queue->ready ||
        (virtio->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) != STATUS_DRIVER_OK)
        return;
    while (served < RS_VIRTQUEUE_MAX &&
           (result = rs_virtqueue_pop(queue, virtio->memory, &chain)) > 0) {
        uint32_t written = virtio->device.serve(virtio->device.context, virtio->memory, &chain);

        result = rs_virtqueue_push(queue, virtio->memory, chain.head, written);
        if (result != 0)
            break;
        served++;
    }
    if (served && rs_virtqueue_wants_interrupt(queue, virtio->memory))
        set_interrupt_status(virtio, virtio->interrupt_status | INTERRUPT_USED);
    if (result < 0)
        need_reset(virtio);
}

/* FEATURES_OK stays clear when the driver took what was not offered, or not VERSION_1. */
static void set_status(struct rs_virtio *virtio, uint32_t value)
{
    if (value == 0) {
        reset(virtio);
        return;
    }
    if ((virtio->driver_features & ~virtio->device.features) ||
        !(virtio->driver_features & RS_VIRTIO_F_VERSION_1))
        value &= ~(STATUS_FEATURES_OK | STATUS_DRIVER_OK);
    virtio->status = value | (virtio->status & STATUS_NEEDS_RESET);
}

static void set_half(uint64_t *field, bool high, uint32_t value)
{
    *field = high ? (*field & UINT32_MAX) | (uint64_t)value << 32
                  : (*field & ~(uint64_t)UINT32_MAX) | value;
}

static void set_queue_ready(struct rs_virtio *virtio, uint32_t value)
{
    struct rs_virtqueue *queue = &virtio->queue;

    if (!(value & 1)) {
        *queue = (struct rs_virtqueue){0};
        return;
    }
    queue->next = queue->used = 0;
    queue->ready = rs_virtqueue_check(queue, virtio->memory);
}

/* Queue 0 is the only one; its addresses are fixed while it is ready. */
static void write_queue(struct rs_virtio *virtio, uint64_t offset, uint32_t value)
{
    struct rs_virtqueue *queue = &virtio->queue;

    if (virtio->queue_select != 0)
        return;
    if (offset == QUEUE_READY) {
        set_queue_ready(virtio, value);
        return;
    }
    if (queue->ready)
        return;
    if (offset == QUEUE_NUM)
        queue->size = value;
    else if (offset == QUEUE_DESC || offset == QUEUE_DESC + 4)
        set_half(&queue->descriptors, offset & 4, value);
    else if (offset == QUEUE_DRIVER || offset == QUEUE_DRIVER + 4)
        set_half(&queue->driver, offset & 4, value);
    else if (offset == QUEUE_DEVICE || offset == QUEUE_DEVICE + 4)
        set_half(&queue->device, offset & 4, value);
}

static void write_register(struct rs_virtio *virtio, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case DEVICE_FEATURES_SELECT:
        virtio->device_features_select = value;
        break;
    case DRIVER_FEATURES:
        if (virtio->driver_features_select < 2 && !(virtio->status & STATUS_FEATURES_OK))
            set_half(&virtio->driver_features, virtio->driver_features_select, value);
        break;
    case DRIVER_FEATURES_SELECT:
        virtio->driver_features_select = value;
        break;
    case QUEUE_SELECT:
        virtio->queue_select = value;
        break;
    case QUEUE_NOTIFY:
        if (value == 0)
            serve_queue(virtio);
        break;
    case INTERRUPT_ACK:
        set_interrupt_status(virtio, virtio->interrupt_status & ~value);
        break;
    case STATUS:
        set_status(virtio, value);
        break;
    default:
        write_queue(virtio, offset, value);
        break;
    }
}

static uint32_t read_register(const struct rs_virtio *virtio, uint64_t offset)
{
    switch (offset) {
    case MAGIC_VALUE:
        return MAGIC;
    case VERSION:
        return 2;
    case DEVICE_ID:
        return virtio->device.id;
    case VENDOR_ID:
        return VENDOR;
    case DEVICE_FEATURES:
        return virtio->device_features_select < 2
                   ? (uint32_t)(virtio->device.features >> 32 * virtio->device_features_select)
                   : 0;
    case QUEUE_NUM_MAX:
        return virtio->queue_select == 0 ? RS_VIRTQUEUE_MAX : 0;
    case QUEUE_READY:
        return virtio->queue_select == 0 && virtio->queue.ready;
    case INTERRUPT_STATUS:
        return virtio->interrupt_status;
    case STATUS:
        return virtio->status;
    default: /* a shared memory region that is not there has length and base of all ones */
        return offset >= SHM_LENGTH && offset <= SHM_BASE_END ? UINT32_MAX : 0;
    }
}

static uint64_t read_config(const struct rs_virtio *virtio, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    if (offset < virtio->device.config_size && size <= virtio->device.config_size - offset)
        memcpy(&value, (const uint8_t *)virtio->device.config + offset, size);
    return value;
}

/* Registers are read and written as aligned 32-bit words; the configuration in any size. */
void rs_virtio_io(void *device, struct rs_mmio_io *io)
{
    struct rs_virtio *virtio = device;

    if (io->offset >= CONFIG) {
        if (!io->write)
            io->value = read_config(virtio, io->offset - CONFIG, io->size);
    } else if (io->size != 4 || io->offset % 4 != 0) {
        if (!io->write)
            io->value = 0;
    } else if (io->write) {
        write_register(virtio, io->offset, (uint32_t)io->value);
    } else {
        io->value = read_register(virtio, io->offset);
    }
}
