/* SPDX-License-Identifier: MIT
 * Whose rules a processor follows where Intel and AMD differ. */
#ifndef RINGSCOPE_X86_VENDOR_H
#define RINGSCOPE_X86_VENDOR_H

/* X(name, text) */
#define RS_VENDORS(X)                                                                              \
    X(INTEL, "Intel")                                                                              \
    X(AMD, "AMD")

enum rs_vendor {
#define X(name, text) RS_VENDOR_##name,
    RS_VENDORS(X)
#undef X
};

#endif
