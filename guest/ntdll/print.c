/* SPDX-License-Identifier: MIT
 * Formatted output. */

#include "ntdll.h"

/* Collects a line or so, to spare system calls. */
struct stream {
    HANDLE file;
    bool failed;
    size_t used;
    char buffer[256];
};

static void flush(struct stream *stream)
{
    struct io_status_block io_status;

    if (stream->used &&
        !NT_SUCCESS(NtWriteFile(stream->file, NULL, NULL, NULL, &io_status, stream->buffer,
                                (uint32_t)stream->used, NULL, NULL)))
        stream->failed = true;
    stream->used = 0;
}

static void put_stream(void *sink, const char *text, size_t size)
{
    struct stream *stream = sink;

    for (; size; size--) {
        if (stream->used == sizeof(stream->buffer))
            flush(stream);
        stream->buffer[stream->used++] = *text++;
    }
}

static int print(HANDLE file, const char *format, va_list arguments)
{
    struct stream stream;
    int count;

    stream.file = file;
    stream.failed = false;
    stream.used = 0;
    count = RtlFormat(put_stream, &stream, format, arguments);
    flush(&stream);
    return stream.failed ? -1 : count;
}

int vprintf(const char *format, va_list arguments)
{
    return print(RtlGetParameters()->StandardOutput, format, arguments);
}

int printf(const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vprintf(format, arguments);
    va_end(arguments);
    return count;
}

int eprintf(const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = print(RtlGetParameters()->StandardError, format, arguments);
    va_end(arguments);
    return count;
}

int puts(const char *string)
{
    return printf("%s\n", string);
}

struct text {
    char *buffer;
    size_t size, used;
};

static void put_text(void *sink, const char *piece, size_t size)
{
    struct text *text = sink;

    for (; size && text->used + 1 < text->size; size--)
        text->buffer[text->used++] = *piece++;
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    struct text text = {buffer, size, 0};
    int count = RtlFormat(put_text, &text, format, arguments);

    if (size)
        buffer[text.used] = 0;
    return count;
}

int snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vsnprintf(buffer, size, format, arguments);
    va_end(arguments);
    return count;
}
