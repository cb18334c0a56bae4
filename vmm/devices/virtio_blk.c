/* SPDX-License-Identifier: MIT
 * Requests of a virtio block device. */
#include "virtio_blk.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DEVICE_ID_BLOCK 2

/* VIRTIO 1.1, "Block Device": feature bits, request types, status values. */
#define F_SIZE_MAX (UINT64_C(1) << 1)
#define F_SEG_MAX (UINT64_C(1) << 2)
#define F_BLK_SIZE (UINT64_C(1) << 6)
#define F_FLUSH (UINT64_C(1) << 9)

#define TYPE_IN 0
#define TYPE_OUT 1
#define TYPE_FLUSH 4
#define TYPE_GET_ID 8

#define STATUS_OK 0
#define STATUS_IOERR 1
#define STATUS_UNSUPPORTED 2

#define ID_SIZE 20

struct request_header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

/* One request as it is served: the data's place in its stream and on the disk. */
struct request {
    struct rs_blk *blk;
    const struct rs_memory *memory;
    const struct rs_virtqueue_chain *chain;
    uint64_t disk; /* byte offset of the data */
    uint64_t size; /* bytes of data */
};

/* The whole piece, or -1. A file that somebody has cut is an error, not zeros. */
static int transfer_all(const struct rs_blk *blk, uint8_t *buffer, size_t size, uint64_t offset,
                        bool write)
{
    while (size > 0) {
        ssize_t done = write ? pwrite(blk->fd, buffer, size, (off_t)offset)
                             : pread(blk->fd, buffer, size, (off_t)offset);

        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0 && blk->grows && !write) {
            memset(buffer, 0, size);
            return 0;
        }
        if (done <= 0)
            return -1;
        buffer += done;
        offset += (uint64_t)done;
        size -= (size_t)done;
    }
    return 0;
}

static bool in_bounds(const struct request *request, uint64_t sector)
{
    uint64_t capacity = request->blk->config.capacity;

    return request->size % RS_BLK_SECTOR == 0 && request->size <= RS_BLK_REQUEST_MAX &&
           sector <= capacity && request->size / RS_BLK_SECTOR <= capacity - sector;
}

static uint8_t read_disk(const struct request *request)
{
    uint8_t *bounce = request->blk->bounce;

    for (uint64_t done = 0; done < request->size;) {
        size_t piece =
            request->size - done < RS_BLK_BOUNCE ? (size_t)(request->size - done) : RS_BLK_BOUNCE;

        if (transfer_all(request->blk, bounce, piece, request->disk + done, false) != 0 ||
            rs_chain_write(request->chain, request->memory, done, bounce, piece) != 0)
            return STATUS_IOERR;
        done += piece;
    }
    return STATUS_OK;
}

static uint8_t write_disk(const struct request *request)
{
    uint8_t *bounce = request->blk->bounce;

    for (uint64_t done = 0; done < request->size;) {
        size_t piece =
            request->size - done < RS_BLK_BOUNCE ? (size_t)(request->size - done) : RS_BLK_BOUNCE;

        if (rs_chain_read(request->chain, request->memory, sizeof(struct request_header) + done,
                          bounce, piece) != 0 ||
            transfer_all(request->blk, bounce, piece, request->disk + done, true) != 0)
            return STATUS_IOERR;
        done += piece;
    }
    return STATUS_OK;
}

static uint8_t write_id(const struct request *request)
{
    static const char id[ID_SIZE] = "ringscope pagefile";

    return request->size >= ID_SIZE &&
                   rs_chain_write(request->chain, request->memory, 0, id, ID_SIZE) == 0
               ? STATUS_OK
               : STATUS_IOERR;
}

/* *written: bytes of data that the driver can read now. */
static uint8_t serve_type(struct request *request, const struct request_header *header,
                          uint64_t readable, uint64_t writable, uint32_t *written)
{
    uint8_t status;

    request->disk = header->sector * RS_BLK_SECTOR;
    request->size = header->type == TYPE_OUT ? readable - sizeof(*header) : writable - 1;
    switch (header->type) {
    case TYPE_IN:
        status = in_bounds(request, header->sector) ? read_disk(request) : STATUS_IOERR;
        *written = status == STATUS_OK ? (uint32_t)request->size : 0;
        return status;
    case TYPE_OUT:
        return in_bounds(request, header->sector) ? write_disk(request) : STATUS_IOERR;
    case TYPE_FLUSH:
        return fdatasync(request->blk->fd) == 0 ? STATUS_OK : STATUS_IOERR;
    case TYPE_GET_ID:
        status = write_id(request);
        *written = status == STATUS_OK ? ID_SIZE : 0;
        return status;
    default:
        return STATUS_UNSUPPORTED;
    }
}

/* The last byte that can be written is the status. A request without one is given back as it is. */
static uint32_t serve(void *context, const struct rs_memory *memory,
                      const struct rs_virtqueue_chain *chain)
{
    struct request request = {.blk = context, .memory = memory, .chain = chain};
    uint64_t readable = rs_chain_readable(chain), writable = rs_chain_writable(chain);
    struct request_header header;
    uint8_t status = STATUS_IOERR;
    uint32_t written = 0;

    if (writable == 0)
        return 0;
    if (readable >= sizeof(header) && rs_chain_read(chain, memory, 0, &header, sizeof(header)) == 0)
        status = serve_type(&request, &header, readable, writable, &written);
    if (rs_chain_write(chain, memory, writable - 1, &status, 1) != 0)
        return 0;
    return written + 1;
}

struct rs_virtio_device rs_blk_init(struct rs_blk *blk, int fd, uint64_t size, bool grows)
{
    blk->fd = fd;
    blk->grows = grows;
    blk->config = (struct rs_blk_config){
        .capacity = size / RS_BLK_SECTOR,
        .size_max = RS_BLK_BOUNCE,
        .seg_max = RS_BLK_SEGMENTS_MAX,
        .blk_size = 4096,
    };
    return (struct rs_virtio_device){
        .id = DEVICE_ID_BLOCK,
        .features = F_SIZE_MAX | F_SEG_MAX | F_BLK_SIZE | F_FLUSH,
        .config = &blk->config,
        .config_size = sizeof(blk->config),
        .serve = serve,
        .context = blk,
    };
}
