/* SPDX-License-Identifier: MIT
 * Commitment: no more pages are promised than frames and paging file can hold. */

#include "mm.h"

uint64_t MmCommitLimit, MmCommittedPages, MmPeakCommitment;

bool MiCharge(struct kprocess *process, uint64_t pages)
{
    if (pages > MmCommitLimit - MmCommittedPages)
        return false;
    MmCommittedPages += pages;
    if (MmCommittedPages > MmPeakCommitment)
        MmPeakCommitment = MmCommittedPages;
    if (process)
        process->CommittedPages += pages;
    return true;
}

void MiUncharge(struct kprocess *process, uint64_t pages)
{
    MmCommittedPages -= pages;
    if (process)
        process->CommittedPages -= pages;
}
