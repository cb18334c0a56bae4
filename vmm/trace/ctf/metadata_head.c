/* SPDX-License-Identifier: MIT
 * The metadata of one trace: its identity, its clock and its environment. */
#include "metadata.h"

#include <inttypes.h>
#include <sys/utsname.h>

#define NS_PER_S UINT64_C(1000000000)
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t rs_ctf_hash(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t hash = FNV_START;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * FNV_PRIME;
    return hash;
}

static void put_uuid(FILE *file, const uint8_t uuid[RS_CTF_UUID_SIZE])
{
    for (unsigned i = 0; i < RS_CTF_UUID_SIZE; i++)
        fprintf(file, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

/* A TSDL string. Bytes that are not printable ASCII become "?": readers want UTF-8. */
static void put_string(FILE *file, const char *name, const char *value)
{
    fprintf(file, "    %s = \"", name);
    for (; value && *value; value++) {
        if (*value == '"' || *value == '\\')
            fputc('\\', file);
        fputc(*value >= ' ' && *value <= '~' ? *value : '?', file);
    }
    fprintf(file, "\";\n");
}

/* Since 1970, of the moment at which the TSC was 0. */
static void put_clock(FILE *file, const struct rs_clock *clock)
{
    uint64_t wall = (uint64_t)clock->wall.tv_sec * NS_PER_S + (uint64_t)clock->wall.tv_nsec;
    uint64_t start = wall - rs_clock_ns(clock, clock->tsc);
    uint64_t ticks = (uint64_t)((unsigned __int128)(start % NS_PER_S) * clock->tsc_hz / NS_PER_S);

    fprintf(file,
            "clock {\n"
            "    name = tsc;\n"
            "    description = \"TSC of the host\";\n"
            "    freq = %" PRIu64 ";\n"
            "    offset_s = %" PRIu64 ";\n"
            "    offset = %" PRIu64 ";\n"
            "};\n\n",
            clock->tsc_hz, start / NS_PER_S, ticks);
}

static void put_hash(FILE *file, const char *name, uint64_t hash)
{
    fprintf(file, "    %s = \"fnv1a64:%016" PRIx64 "\";\n", name, hash);
}

static void put_environment(FILE *file, const struct rs_ctf_environment *environment)
{
    struct utsname host;
    fprintf(file, "env {\n");
    put_string(file, "tracer_name", "ringscope");
    put_string(file, "tracer_version", RS_VERSION);
    if (uname(&host) == 0)
        put_string(file, "host_kernel", host.release);
    put_string(file, "host_cpu", environment->host_cpu);
    put_string(file, "host_microcode", environment->host_microcode);
    put_string(file, "host_kvm_module", environment->host_kvm);
    put_string(file, "host_clock_source", environment->host_clock);
    fprintf(file, "    host_cpus = %u;\n", environment->host_cpus);
    put_string(file, "emulated", environment->emulated ? "yes" : "no");
    put_string(file, "kernel_image", environment->kernel);
    put_hash(file, "kernel_image_id", environment->kernel_hash);
    put_string(file, "kernel_build_id", environment->build_id);
    put_string(file, "services", environment->other_kernel ? "none" : "nt");
    put_string(file, "program", environment->program);
    put_hash(file, "program_id", environment->program_hash);
    put_string(file, "command_line", environment->command_line);
    fprintf(file, "    empty_span = %" PRIu64 ";\n", environment->empty_span);
    if (environment->ring_size)
        fprintf(file, "    ring_size = %" PRIu64 ";\n", environment->ring_size);
    fprintf(file, "};\n\n");
}

void rs_ctf_metadata_head(FILE *file, const uint8_t uuid[RS_CTF_UUID_SIZE],
                          const struct rs_clock *clock,
                          const struct rs_ctf_environment *environment)
{
    fprintf(file, RS_CTF_SIGNATURE "\n"
                                   "trace {\n"
                                   "    major = 1;\n"
                                   "    minor = 8;\n"
                                   "    uuid = \"");
    put_uuid(file, uuid);
    fprintf(file, "\";\n"
                  "    byte_order = le;\n"
                  "    packet.header := struct {\n"
                  "        integer { size = 32; align = 8; base = 16; } magic;\n"
                  "        integer { size = 8; align = 8; } uuid[16];\n"
                  "        integer { size = 32; align = 8; } stream_id;\n"
                  "    };\n"
                  "};\n\n");
    put_environment(file, environment);
    put_clock(file, clock);
}
