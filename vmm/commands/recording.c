/* SPDX-License-Identifier: MIT
 * A trace being recorded by a session: its writer, and what is said of it meanwhile. */
#include "recording.h"

#include "kvm/fingerprint.h"
#include "loader/elf64.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUILD_ID_TEXT_MAX 80
#define NS_PER_S UINT64_C(1000000000)
#define FLUSH_INTERVAL_NS NS_PER_S /* what a killed ringscope loses */
#define PROGRESS_START_NS (2 * NS_PER_S)
#define PROGRESS_INTERVAL_NS (NS_PER_S / 2)

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static char *join(int argc, char **argv)
{
    size_t size = 1;
    char *line, *end;

    for (int i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    line = end = calloc(1, size);
    for (int i = 0; line && i < argc; i++) {
        end = stpcpy(end, i ? " " : "");
        end = stpcpy(end, argv[i]);
    }
    return line;
}

/* Hexadecimal; empty when the linker has left none. */
static void get_build_id(const struct rs_blob *kernel, char text[BUILD_ID_TEXT_MAX])
{
    struct rs_elf64_image image;
    struct rs_elf64_error error;
    const uint8_t *id;
    size_t size;

    text[0] = '\0';
    if (rs_elf64_parse(kernel->bytes, kernel->size, &image, &error) != 0)
        return;
    size = rs_elf64_build_id(&image, &id);
    for (size_t i = 0; i < size && 2 * i + 2 < BUILD_ID_TEXT_MAX; i++)
        snprintf(text + 2 * i, 3, "%02x", id[i]);
}

bool rs_recording_parse_ring(struct rs_recording *recording, const char *value,
                             struct rs_error *error)
{
    if (rs_parse_size(value, &recording->ring_size) && recording->ring_size >= RS_CTF_RING_MIN)
        return true;
    rs_error_set(error, RS_EXIT_USAGE,
                 "--ring-size '%s': a number of bytes from 256K on, with K, M or G behind it",
                 value);
    return false;
}

int rs_recording_check(const struct rs_recording *recording, unsigned cpus, struct rs_error *error)
{
    if (recording->ring_size && !recording->path)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "--ring-size: there is no trace to keep: --record says where");
    if (recording->ring_size && recording->ring_size / RS_CTF_RING_MIN < cpus)
        return rs_error_set(error, RS_EXIT_USAGE,
                            "--ring-size '%" PRIu64 "': %u vCPUs need 256K each, %uK together",
                            recording->ring_size, cpus, cpus * 256);
    return 0;
}

_Static_assert(RS_CTF_RING_MIN == 256 << 10, "as --ring-size says in its help and errors");

int rs_recording_open(struct rs_recording *recording, const struct rs_machine *machine,
                      bool emulated, const struct rs_images *images, struct rs_error *error)
{
    char *command_line = join(recording->argc, recording->argv);
    char build_id[BUILD_ID_TEXT_MAX];
    struct rs_fingerprint host;
    struct rs_ctf_environment environment = {
        .kernel = images->kernel.name,
        .kernel_hash = rs_ctf_hash(images->kernel.bytes, images->kernel.size),
        .build_id = build_id,
        .other_kernel = images->other_services,
        .program = images->program.name,
        .program_hash = rs_ctf_hash(images->program.bytes, images->program.size),
        .host_cpu = host.cpu,
        .host_microcode = host.microcode,
        .host_kvm = host.kvm,
        .host_clock = host.clock,
        .command_line = command_line,
        .emulated = emulated,
        .empty_span = machine->hooks.config.empty_span,
        .ring_size = recording->ring_size,
    };
    struct rs_clock clock;
    int result;

    if (!command_line)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    rs_fingerprint_read(&host);
    environment.host_cpus = host.cpus;
    get_build_id(&images->kernel, build_id);
    rs_clock_start(&clock, machine->tsc_hz);
    result = rs_ctf_open(&recording->writer, recording->path, machine->cpu_count, &clock,
                         &environment, error);
    free(command_line);
    recording->started_ns = recording->flushed_ns = now_ns();
    recording->progress = recording->progress && isatty(STDERR_FILENO);
    return result;
}

bool rs_recording_event(struct rs_recording *recording, const struct rs_event *event)
{
    return rs_ctf_write(&recording->writer, event);
}

static void show(struct rs_recording *recording, uint64_t now)
{
    const struct rs_ctf_writer *writer = &recording->writer;
    double seconds = (double)(now - recording->started_ns) / (double)NS_PER_S;

    fprintf(stderr,
            "\r\033[Kringscope: %" PRIu64 " events, %.0f/s, %" PRIu64 " dropped, %" PRIu64 " bytes",
            writer->events, (double)writer->events / seconds, rs_ctf_discarded(writer),
            writer->bytes);
    recording->shown_ns = now;
}

bool rs_recording_tick(struct rs_recording *recording)
{
    uint64_t now = now_ns();

    if (recording->progress && now - recording->started_ns >= PROGRESS_START_NS &&
        now - recording->shown_ns >= PROGRESS_INTERVAL_NS)
        show(recording, now);
    if (now - recording->flushed_ns < FLUSH_INTERVAL_NS)
        return true;
    recording->flushed_ns = now;
    return rs_ctf_flush(&recording->writer);
}

/* The last event of a vCPU, when its ring had no room for those behind it. */
static void put_lost(struct rs_ctf_writer *writer, unsigned cpu, uint64_t dropped)
{
    const struct rs_ctf_stream *stream = &writer->streams[cpu];
    struct rs_event event = {.kind = RS_EVENT_LOST, .vcpu = (uint8_t)cpu, .value = dropped};

    if (dropped == 0)
        return;
    event.sequence = stream->next_sequence + dropped;
    event.tsc_exit = event.tsc_resume = stream->tsc;
    event.cr3 = stream->cr3;
    rs_ctf_write(writer, &event);
}

static void tell_end(const struct rs_recording *recording)
{
    const struct rs_ctf_writer *writer = &recording->writer;

    if (writer->fifo)
        fprintf(stderr, "ringscope: %" PRIu64 " events recorded", writer->events);
    else
        fprintf(stderr, "ringscope: %" PRIu64 " events, %" PRIu64 " bytes in %s", writer->events,
                writer->bytes, recording->path);
    if (recording->ring_size)
        fprintf(stderr, "; %" PRIu64 " older ones were overwritten", writer->overwritten);
    fprintf(stderr, "\n");
}

int rs_recording_close(struct rs_recording *recording, const struct rs_machine *machine,
                       struct rs_error *error)
{
    const struct rs_ctf_writer *writer = &recording->writer;
    struct rs_error unused;
    int result;

    for (unsigned i = 0; i < machine->cpu_count; i++)
        put_lost(&recording->writer, i, machine->cpus[i].stream.dropped);
    result = rs_ctf_close(&recording->writer, error ? error : &unused);

    if (recording->shown_ns)
        fprintf(stderr, "\r\033[K");
    if (writer->fifo || result == 0)
        tell_end(recording);
    return result;
}
