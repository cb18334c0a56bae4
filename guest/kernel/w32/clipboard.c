/* SPDX-License-Identifier: MIT
 * The clipboard: one for all processes, of the thread that has it open. Data is a handle of 32
 * significant bits, as all handles of windows are; who puts it there and who takes it agree on what
 * it names. */

#include "mm.h"
#include "w32.h"

#include <nt/api.h>

#define FORMATS_MAX 16

static struct {
    const struct kthread *Owner; /* that has it open; NULL: nobody */
    uint32_t Sequence;           /* changes with every change of what it holds */
    uint32_t Count;
    struct {
        uint32_t Format;
        uint32_t Data;
    } Formats[FORMATS_MAX];
} clipboard;

static uint32_t fail(uint32_t error)
{
    W32SetLastError(error);
    return 0;
}

static bool is_open(void)
{
    return clipboard.Owner == KeGetCurrentThread();
}

/* FORMATS_MAX: not there */
static uint32_t find(uint32_t format)
{
    for (uint32_t i = 0; i < clipboard.Count; i++)
        if (clipboard.Formats[i].Format == format)
            return i;
    return FORMATS_MAX;
}

uint32_t NTAPI NtUserOpenClipboard(HANDLE Window, uint32_t *EmptyClient)
{
    const uint32_t empty = clipboard.Count == 0;

    if (Window)
        return fail(ERROR_INVALID_WINDOW_HANDLE);
    if (clipboard.Owner && !is_open())
        return fail(ERROR_ACCESS_DENIED);
    if (EmptyClient && !NT_SUCCESS(MmWriteUser(EmptyClient, &empty, sizeof(empty))))
        return fail(ERROR_NOACCESS);
    clipboard.Owner = KeGetCurrentThread();
    return true;
}

uint32_t NTAPI NtUserCloseClipboard(void)
{
    if (!is_open())
        return fail(ERROR_CLIPBOARD_NOT_OPEN);
    clipboard.Owner = NULL;
    return true;
}

void W32LeaveClipboard(const struct kthread *thread)
{
    if (clipboard.Owner == thread)
        clipboard.Owner = NULL;
}

uint32_t NTAPI NtUserEmptyClipboard(void)
{
    if (!is_open())
        return fail(ERROR_CLIPBOARD_NOT_OPEN);
    clipboard.Count = 0;
    clipboard.Sequence++;
    return true;
}

/* The data that is there now, or 0. */
uint32_t NTAPI NtUserSetClipboardData(uint32_t Format, uint32_t Data, const void *Parameters)
{
    uint32_t index = find(Format);

    if (!is_open())
        return fail(ERROR_CLIPBOARD_NOT_OPEN);
    if (Format == 0 || Data == 0 || Parameters)
        return fail(ERROR_INVALID_PARAMETER);
    if (index == FORMATS_MAX && clipboard.Count == FORMATS_MAX)
        return fail(ERROR_NOT_ENOUGH_QUOTA);
    if (index == FORMATS_MAX)
        index = clipboard.Count++;
    clipboard.Formats[index].Format = Format;
    clipboard.Formats[index].Data = Data;
    clipboard.Sequence++;
    return Data;
}

uint32_t NTAPI NtUserGetClipboardData(uint32_t Format, void *Parameters)
{
    uint32_t index = find(Format);

    if (!is_open())
        return fail(ERROR_CLIPBOARD_NOT_OPEN);
    if (Parameters)
        return fail(ERROR_INVALID_PARAMETER);
    return index == FORMATS_MAX ? 0 : clipboard.Formats[index].Data;
}

uint32_t NTAPI NtUserIsClipboardFormatAvailable(uint32_t Format)
{
    return find(Format) != FORMATS_MAX;
}

uint32_t NTAPI NtUserCountClipboardFormats(void)
{
    return clipboard.Count;
}

uint32_t NTAPI NtUserGetClipboardSequenceNumber(void)
{
    return clipboard.Sequence;
}
