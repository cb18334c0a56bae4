/* SPDX-License-Identifier: MIT
 * SysDbgCallServices: services that the kernel asks for itself, with pointers of its own. */

#include "ke.h"
#include "zw.h"

/* An address that no page table of this kernel maps. */
#define UNMAPPED_KERNEL_ADDRESS RS_U64(0xfffff90000000000)

void KiCallServices(struct kernel_services *result)
{
    struct event_basic_information event = {0};
    HANDLE handle = NULL;

    *result = (struct kernel_services){0};
    result->NtQuerySystemTime = NtQuerySystemTime(&result->Time);
    result->ZwQuerySystemTime = ZwQuerySystemTime(&result->Time);
    result->ZwCreateEvent = ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, true);
    result->ZwQueryEvent = ZwQueryEvent(handle, EventBasicInformation, &event, sizeof(event), NULL);
    result->EventState = (uint32_t)event.EventState;
    result->ZwClose = ZwClose(handle);
    result->ZwBadPointer = ZwQuerySystemTime((int64_t *)UNMAPPED_KERNEL_ADDRESS);
    result->PreviousMode = KeGetPreviousMode();
}
