/* SPDX-License-Identifier: MIT
 * Objects and handles: access rights, event kinds, wait kinds. */
#ifndef NT_OBJECT_H
#define NT_OBJECT_H

#include <nt/file.h>
#include <nt/types.h>

#define SYNCHRONIZE 0x00100000u
#define EVENT_QUERY_STATE 0x0001u
#define EVENT_MODIFY_STATE 0x0002u
#define EVENT_ALL_ACCESS 0x001f0003u
#define SEMAPHORE_QUERY_STATE 0x0001u
#define SEMAPHORE_MODIFY_STATE 0x0002u
#define SEMAPHORE_ALL_ACCESS 0x001f0003u
#define MUTANT_QUERY_STATE 0x0001u
#define MUTANT_ALL_ACCESS 0x001f0001u
#define TIMER_QUERY_STATE 0x0001u
#define TIMER_MODIFY_STATE 0x0002u
#define TIMER_ALL_ACCESS 0x001f0003u
#define PROCESS_TERMINATE 0x0001u
#define PROCESS_CREATE_THREAD 0x0002u
#define PROCESS_VM_OPERATION 0x0008u
#define PROCESS_VM_READ 0x0010u
#define PROCESS_VM_WRITE 0x0020u
#define PROCESS_DUP_HANDLE 0x0040u
#define PROCESS_SET_INFORMATION 0x0200u
#define PROCESS_QUERY_INFORMATION 0x0400u
#define PROCESS_SET_INFORMATION 0x0200u
#define PROCESS_SUSPEND_RESUME 0x0800u
#define PROCESS_ALL_ACCESS 0x001fffffu
#define SECTION_QUERY 0x0001u
#define SECTION_MAP_WRITE 0x0002u
#define SECTION_MAP_READ 0x0004u
#define SECTION_MAP_EXECUTE 0x0008u
#define SECTION_EXTEND_SIZE 0x0010u
#define SECTION_ALL_ACCESS 0x000f001fu
#define DELETE 0x00010000u
#define MAXIMUM_ALLOWED 0x02000000u
#define GENERIC_ALL 0x10000000u
#define GENERIC_EXECUTE 0x20000000u
#define GENERIC_WRITE 0x40000000u
#define GENERIC_READ 0x80000000u

/* Attributes of OBJECT_ATTRIBUTES. */
#define OBJ_CASE_INSENSITIVE 0x40u
#define THREAD_TERMINATE 0x0001u
#define THREAD_SUSPEND_RESUME 0x0002u
#define THREAD_ALERT 0x0004u
#define THREAD_GET_CONTEXT 0x0008u
#define THREAD_SET_CONTEXT 0x0010u
#define THREAD_SET_INFORMATION 0x0020u
#define THREAD_QUERY_INFORMATION 0x0040u
#define THREAD_ALL_ACCESS 0x001fffffu

/* EventType of NtCreateEvent. */
#define NotificationEvent 0u
#define SynchronizationEvent 1u

/* TimerType of NtCreateTimer. */
#define NotificationTimer 0u
#define SynchronizationTimer 1u

/* WaitType of NtWaitForMultipleObjects. */
#define WaitAll 0u
#define WaitAny 1u
#define MAXIMUM_WAIT_OBJECTS 64

/* Attributes of a handle. */
#define OBJ_PROTECT_CLOSE 0x1u
#define OBJ_INHERIT 0x2u

#define DUPLICATE_CLOSE_SOURCE 0x1u
#define DUPLICATE_SAME_ACCESS 0x2u

#endif
