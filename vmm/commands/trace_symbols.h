/* SPDX-License-Identifier: MIT
 * Names for the addresses of a recorded trace. */
#ifndef RINGSCOPE_TRACE_SYMBOLS_H
#define RINGSCOPE_TRACE_SYMBOLS_H

#include "symbols/symbols.h"
#include "trace/ctf/reader.h"

/* The symbols of the images that the trace was recorded with, as far as they are the bundled ones:
 * found by their hash, whatever the trace says their names are. The caller frees them. */
struct rs_symbols *rs_trace_symbols(const struct rs_ctf_reader *reader);

#endif
