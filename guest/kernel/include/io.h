/* SPDX-License-Identifier: MIT
 * The console, the keyboard, the paging file's disk, files. */
#ifndef KERNEL_IO_H
#define KERNEL_IO_H

#include <nt/types.h>

struct mm_segment;
struct object;

/* console.c */
NTSTATUS IoWriteConsole(const void *user_buffer, uint32_t length);
/* receive.c: what comes from the console, by interrupts. */
NTSTATUS IoReadConsole(void *user_buffer, uint32_t length, uint32_t *received);
bool IoConsoleIsAwaited(void); /* a thread waits for input */
void IoSerialInterrupt(void);
/* keyboard.c */
extern struct object IoKeyboardObject;
NTSTATUS IoStartKeyboard(void);
NTSTATUS IoReadKeyboard(void *user_buffer, uint32_t length, uint32_t *received);
bool IoKeyboardIsAwaited(void); /* a thread waits for a key */
void IoKeyboardInterrupt(void);
/* virtio_blk.c: pages of the paging file, at this byte offset. They may wait. */
NTSTATUS IoPageRead(uint64_t offset, const uint64_t *frames, unsigned count);
NTSTATUS IoPageWrite(uint64_t offset, const uint64_t *frames, unsigned count);
void IoDiskInterrupt(void);

/* ioapic.c: the PICs, to which the lines lead, too, are masked: their interrupts would come at
 * vectors of exceptions. */
void IoConnectInterrupt(uint32_t gsi, uint8_t vector);

/* create.c: when the last handle to a file is closed; what a section of a file maps. */
void IoDeleteFile(struct object *object);
NTSTATUS IoFileSegment(HANDLE handle, uint32_t access, struct mm_segment **segment);

void KdPrint(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
