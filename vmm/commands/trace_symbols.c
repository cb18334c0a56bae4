/* SPDX-License-Identifier: MIT
 * Names for the addresses of a recorded trace. */
#include "trace_symbols.h"

#include "bundle/bundle.h"
#include "trace/ctf/metadata.h"

static bool add_if(struct rs_symbols *symbols, const struct rs_blob *blob, uint64_t hash)
{
    return rs_ctf_hash(blob->bytes, blob->size) == hash && rs_symbols_add(symbols, blob) == 0;
}

struct rs_symbols *rs_trace_symbols(const struct rs_ctf_reader *reader)
{
    struct rs_symbols *symbols = rs_symbols_new();
    const struct rs_blob *program;

    if (!symbols)
        return NULL;
    for (size_t i = 0; (program = rs_bundle_program_at(i)); i++)
        if (add_if(symbols, program, reader->program_hash))
            break;
    add_if(symbols, rs_bundle_kernel(), reader->kernel_hash);
    return symbols;
}
