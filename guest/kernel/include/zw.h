/* SPDX-License-Identifier: MIT
 * Services as the kernel calls them for itself: see zw.S. */
#ifndef KERNEL_ZW_H
#define KERNEL_ZW_H

#include <nt/api.h>

NTSTATUS NTAPI ZwClose(HANDLE Handle);
NTSTATUS NTAPI ZwCreateEvent(HANDLE *EventHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes, uint32_t EventType,
                             uint8_t InitialState);
NTSTATUS NTAPI ZwQueryEvent(HANDLE EventHandle, uint32_t InformationClass, void *Information,
                            uint32_t Length, uint32_t *ReturnLength);
NTSTATUS NTAPI ZwQuerySystemTime(int64_t *SystemTime);

#endif
