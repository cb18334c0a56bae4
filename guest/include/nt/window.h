/* SPDX-License-Identifier: MIT
 * Messages, the clipboard and GDI batches: the services of the second table. */
#ifndef NT_WINDOW_H
#define NT_WINDOW_H

#include <nt/types.h>

/* MSG */
struct window_message {
    HANDLE Window; /* NULL: of the thread, not of a window */
    uint32_t Message;
    uint64_t WParam, LParam;
    uint32_t Time; /* milliseconds since the machine started */
    int32_t X
    , Y; /* of the pointer: there is none */
};

_Static_assert(sizeof(struct window_message) == 0x30, "MSG");

#define WM_QUIT 0x0012u
#define WM_USER 0x0400u
#define PM_NOREMOVE 0u
#define PM_REMOVE 1u
#define QS_POSTMESSAGE 0x0008u
#define CF_TEXT 1u
#define CF_UNICODETEXT 13u

/* TEB.LastErrorValue */
#define ERROR_ACCESS_DENIED 5u
#define ERROR_INVALID_PARAMETER 87u
#define ERROR_NOACCESS 998u
#define ERROR_INVALID_WINDOW_HANDLE 1400u
#define ERROR_CLIPBOARD_NOT_OPEN 1418u
#define ERROR_INVALID_THREAD_ID 1444u
#define ERROR_NOT_ENOUGH_QUOTA 1816u

/* A call of GDI that ring 3 keeps in TEB.GdiTebBatch until the next service of the second table. */
struct gdi_batched_call {
    uint16_t Size; /* bytes, with this header; a multiple of 4 */
    uint16_t Function;
};

#define GDI_BATCH_SIZE (310u * 4) /* of GDI_TEB_BATCH.Buffer */

#endif
