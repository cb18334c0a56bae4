/* SPDX-License-Identifier: MIT
 * Included before everything else: no symbol leaves a guest image, so position-independent code
 * reaches each one without a global offset table. -fvisibility covers only definitions. */
#ifndef __ASSEMBLER__
#pragma GCC visibility push(hidden)
#endif
