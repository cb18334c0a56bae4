/* SPDX-License-Identifier: MIT
 * The tables of services that a thread has. */

#include "ke.h"

uint32_t KiServiceCounts[RS_SERVICE_LIMIT], W32pServiceCounts[RS_WIN32_SERVICE_LIMIT];

/* Until a thread calls the second table it is empty: KiConvertToGuiThread. */
const struct kservice_descriptor KeServiceDescriptorTable[2] = {
    {KiServiceTable, KiServiceCounts, RS_SERVICE_LIMIT, KiArgumentTable},
};

const struct kservice_descriptor KeServiceDescriptorTableShadow[2] = {
    {KiServiceTable, KiServiceCounts, RS_SERVICE_LIMIT, KiArgumentTable},
    {W32pServiceTable, W32pServiceCounts, RS_WIN32_SERVICE_LIMIT, W32pArgumentTable},
};
