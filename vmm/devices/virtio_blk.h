/* SPDX-License-Identifier: MIT
 * A virtio block device whose disk is a file of the host. */
#ifndef RINGSCOPE_VIRTIO_BLK_H
#define RINGSCOPE_VIRTIO_BLK_H

#include "virtio_mmio.h"

/* VIRTIO 1.1, "Block Device". */
#define RS_BLK_SECTOR 512u
#define RS_BLK_SEGMENTS_MAX (RS_VIRTQUEUE_PARTS_MAX - 2) /* beside header and status */
#define RS_BLK_REQUEST_MAX (1u << 20)                    /* bytes of data in one request */
#define RS_BLK_BOUNCE 65536u

/* struct virtio_blk_config up to blk_size. */
struct rs_blk_config {
    uint64_t capacity; /* sectors */
    uint32_t size_max;
    uint32_t seg_max;
    uint32_t geometry;
    uint32_t blk_size;
};

struct rs_blk {
    int fd;     /* not owned */
    bool grows; /* what lies behind the end of the file is zero */
    struct rs_blk_config config;
    uint8_t bounce[RS_BLK_BOUNCE];
};

/* A disk of `size` bytes, cut to whole sectors, and the description of it for rs_virtio_init().
 * With `grows`, the file may be shorter than the disk. Requests are served by the thread that
 * notifies. */
struct rs_virtio_device rs_blk_init(struct rs_blk *blk, int fd, uint64_t size, bool grows);

#endif
