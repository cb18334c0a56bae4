/* SPDX-License-Identifier: MIT
 * What pointers among a system call's arguments point to: strings, buffers, numbers. */
#include "internal.h"
#include "nt/services.h"

#include <string.h>

/* Layouts of 64-bit NT: UNICODE_STRING, OBJECT_ATTRIBUTES, IO_STATUS_BLOCK. */
#define UNICODE_STRING_SIZE 16
#define UNICODE_STRING_BUFFER 8
#define OBJECT_ATTRIBUTES_NAME 0x10
#define IO_STATUS_INFORMATION 8

/* Kinds of arguments by service: the strings of the service table, taken apart once. */
static char kinds[RS_SERVICE_SLOTS][RS_EVENT_ARGS];
static bool has_input[RS_SERVICE_SLOTS], has_output[RS_SERVICE_SLOTS];

void rs_arguments_init(void)
{
    static const uint16_t numbers[] = {
#define X(number, name, args, class, arguments) (number),
        RS_SERVICES(X)
#undef X
    };

    for (size_t at = 0; at < sizeof(numbers) / sizeof(numbers[0]); at++) {
        unsigned count = rs_service_argument_count(numbers[at]);
        unsigned slot = RS_SERVICE_SLOT(numbers[at]);

        for (unsigned i = 0; i < count && i < RS_EVENT_ARGS; i++) {
            char kind = rs_service_argument_kind(numbers[at], i);

            kinds[slot][i] = kind;
            has_input[slot] |= kind && strchr(RS_SERVICE_KINDS_INPUT, kind) != NULL;
            has_output[slot] |= kind && strchr(RS_SERVICE_KINDS_OUTPUT, kind) != NULL;
        }
    }
}

static struct rs_call *call_of(struct rs_hooks *hooks, uint64_t sequence)
{
    return &hooks->calls[sequence % RS_CALLS_MAX];
}

/* What the call that `event` returns from was given, by the vCPU that it was made on. */
static bool recall(struct rs_hooks *hooks, const struct rs_event *event,
                   uint64_t args[RS_EVENT_ARGS])
{
    struct rs_hook_set *set = hooks->set;
    const struct rs_call *call;
    bool found;

    if (event->entry_vcpu >= set->cpu_count)
        return false;
    call = call_of(set->cpus[event->entry_vcpu], event->entry_sequence);
    rs_hooks_lock(set);
    found = call->sequence == event->entry_sequence;
    if (found && args)
        memcpy(args, call->args, sizeof(call->args));
    rs_hooks_unlock(set);
    return found;
}

bool rs_arguments_wanted(struct rs_hooks *hooks, const struct rs_event *event)
{
    if (hooks->set->config.string_size == 0)
        return false;
    if (event->kind == RS_EVENT_SYSCALL)
        return rs_service_in_table(event->code) && has_input[RS_SERVICE_SLOT(event->code)];
    return event->kind == RS_EVENT_SYSRET && event->entry_kind == RS_EVENT_SYSCALL &&
           rs_service_in_table(event->entry_code) &&
           has_output[RS_SERVICE_SLOT(event->entry_code)] && recall(hooks, event, NULL);
}

void rs_arguments_keep(struct rs_hooks *hooks, const struct rs_event *event)
{
    struct rs_call *call = call_of(hooks, event->sequence);
    unsigned count = rs_service_argument_count(event->code);

    call->sequence = event->sequence;
    memset(call->args, 0, sizeof(call->args));
    memcpy(call->args, event->args,
           (count < RS_EVENT_ARGS ? count : RS_EVENT_ARGS) * sizeof(call->args[0]));
}

/* At most what is shown; what cannot be read is not shown, as with strace. */
static void put_bytes(struct rs_hooks *hooks, enum rs_purpose purpose, unsigned index, uint64_t gva,
                      uint64_t size)
{
    uint8_t bytes[RS_STRING_SIZE_MAX];

    if (size > hooks->set->config.string_size)
        size = hooks->set->config.string_size;
    if (size > 0 && size <= sizeof(bytes) && rs_hooks_read(hooks, gva, bytes, size) == 0)
        rs_marks_bytes(hooks, purpose, (uint8_t)index, gva, bytes, size);
}

static void put_unicode(struct rs_hooks *hooks, unsigned index, uint64_t gva)
{
    uint8_t string[UNICODE_STRING_SIZE];
    uint16_t length;
    uint64_t buffer;

    if (gva == 0 || rs_hooks_read(hooks, gva, string, sizeof(string)) != 0)
        return;
    memcpy(&length, string, sizeof(length));
    memcpy(&buffer, string + UNICODE_STRING_BUFFER, sizeof(buffer));
    put_bytes(hooks, RS_PURPOSE_ARGUMENT, index, buffer, length & ~1u);
}

static void put_name(struct rs_hooks *hooks, unsigned index, uint64_t gva)
{
    uint64_t name;

    if (gva != 0 && rs_hooks_read(hooks, gva + OBJECT_ATTRIBUTES_NAME, &name, sizeof(name)) == 0)
        put_unicode(hooks, index, name);
}

static void put_word(struct rs_hooks *hooks, enum rs_purpose purpose, unsigned index, uint64_t gva,
                     size_t size)
{
    uint8_t word[2 * sizeof(uint64_t)];

    if (gva != 0 && rs_hooks_read(hooks, gva, word, size) == 0)
        rs_marks_bytes(hooks, purpose, (uint8_t)index, gva, word, size);
}

static void put_input(struct rs_hooks *hooks, char kind, unsigned i, const uint64_t *args)
{
    switch (kind) {
    case 'w':
        if (i + 1 < RS_EVENT_ARGS)
            put_bytes(hooks, RS_PURPOSE_ARGUMENT, i, args[i], (uint32_t)args[i + 1]);
        break;
    case 'S':
        put_unicode(hooks, i, args[i]);
        break;
    case 'O':
        put_name(hooks, i, args[i]);
        break;
    case 'L':
    case 'P':
        put_word(hooks, RS_PURPOSE_ARGUMENT, i, args[i], sizeof(uint64_t));
        break;
    default:
        break;
    }
}

/* Bytes that the service has put into a buffer: the I/O status block tells when there is one. */
static uint64_t filled(struct rs_hooks *hooks, const char *service, const uint64_t *args,
                       unsigned buffer)
{
    uint64_t size = buffer + 1 < RS_EVENT_ARGS ? (uint32_t)args[buffer + 1] : 0, information;

    for (unsigned i = 0; i < RS_EVENT_ARGS; i++)
        if (service[i] == 'I' && rs_hooks_read(hooks, args[i] + IO_STATUS_INFORMATION, &information,
                                               sizeof(information)) == 0)
            return information < size ? information : size;
    return size;
}

static void put_output(struct rs_hooks *hooks, const char *service, unsigned i,
                       const uint64_t *args)
{
    switch (service[i]) {
    case 'r':
        put_bytes(hooks, RS_PURPOSE_RESULT, i, args[i], filled(hooks, service, args, i));
        break;
    case 'I':
        put_word(hooks, RS_PURPOSE_RESULT, i, args[i], 2 * sizeof(uint64_t));
        break;
    case 'H':
    case 'P':
    case 'T':
        put_word(hooks, RS_PURPOSE_RESULT, i, args[i], sizeof(uint64_t));
        break;
    case 'U':
        put_word(hooks, RS_PURPOSE_RESULT, i, args[i], sizeof(uint32_t));
        break;
    default:
        break;
    }
}

void rs_arguments_put(struct rs_hooks *hooks, const struct rs_event *event)
{
    bool entry = event->kind == RS_EVENT_SYSCALL;
    const char *service = kinds[RS_SERVICE_SLOT(entry ? event->code : event->entry_code)];
    uint64_t given[RS_EVENT_ARGS];
    const uint64_t *args = entry ? event->args : given;

    /* An error leaves what a service would have written as it was. */
    if (!entry &&
        ((event->code >> 30 != 0 && event->code >> 30 != 1) || !recall(hooks, event, given)))
        return;
    for (unsigned i = 0; i < RS_EVENT_ARGS && service[i]; i++) {
        if (entry)
            put_input(hooks, service[i], i, args);
        else
            put_output(hooks, service, i, args);
    }
}
