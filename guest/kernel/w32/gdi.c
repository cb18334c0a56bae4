/* SPDX-License-Identifier: MIT
 * Batches of GDI: calls that ring 3 keeps in its TEB, so that many of them cost one transition.
 * There is no surface to draw on: they are checked, counted and taken away. */

#include "mm.h"
#include "w32.h"

#include <nt/api.h>
#include <nt/process.h>

/* How many of `count` calls lie whole within the bytes in use. */
static uint32_t count_calls(const struct teb *teb, uint32_t count, uint32_t used)
{
    uint32_t at = 0, calls = 0;
    struct gdi_batched_call call;

    while (calls < count && used - at >= sizeof(call)) {
        const uint8_t *next = (const uint8_t *)teb->GdiTebBatch.Buffer + at;

        if (!NT_SUCCESS(MmReadUser(&call, next, sizeof(call))) || call.Size < sizeof(call) ||
            call.Size % 4 || call.Size > used - at)
            break;
        at += call.Size;
        calls++;
    }
    return calls;
}

void KiFlushGdiBatch(void)
{
    struct teb *teb = (struct teb *)KeGetCurrentThread()->Teb;
    struct w32_thread *thread = W32Current();
    const uint32_t none = 0;
    uint32_t count = 0, used = 0;

    if (!NT_SUCCESS(MmReadUser(&count, &teb->GdiBatchCount, sizeof(count))) ||
        !NT_SUCCESS(MmReadUser(&used, &teb->GdiTebBatch.Offset, sizeof(used))))
        return;
    if (used <= GDI_BATCH_SIZE)
        thread->Batched += count_calls(teb, count, used);
    thread->Flushes++;
    MmWriteUser(&teb->GdiBatchCount, &none, sizeof(none));
    MmWriteUser(&teb->GdiTebBatch.Offset, &none, sizeof(none));
}

/* The dispatcher has flushed. */
uint32_t NTAPI NtGdiFlush(void)
{
    return true;
}
