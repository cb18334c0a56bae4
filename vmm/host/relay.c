/* SPDX-License-Identifier: MIT
 * One command in the machine: the loop that forwards. */
#include "relay.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int take_exit(struct rs_relay *relay, const struct rs_frame *frame, struct rs_error *error)
{
    struct rs_exit exit;

    if (!rs_frame_get(frame, &exit, sizeof(exit)) || exit.value > 255)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: malformed exit status");
    relay->ended = true;
    relay->status = (int)((exit.signaled ? 128 + exit.value : exit.value) & 0xff);
    return 0;
}

static int take_credit(struct rs_relay *relay, const struct rs_frame *frame, struct rs_error *error)
{
    uint32_t more;

    if (!rs_frame_get(frame, &more, sizeof(more)) || more > RS_STDIN_WINDOW - relay->credit)
        return rs_error_set(error, RS_EXIT_HOST, "emulated host: malformed credit");
    relay->credit += more;
    return 0;
}

static int handle(struct rs_relay *relay, const struct rs_frame *frame, struct rs_error *error)
{
    switch (frame->type) {
    case RS_FRAME_DATA:
        return rs_relay_data(relay, frame, error);
    case RS_FRAME_CLOSE:
        return 0; /* the sinks are the caller's */
    case RS_FRAME_CREDIT:
        return take_credit(relay, frame, error);
    case RS_FRAME_EXIT:
        return take_exit(relay, frame, error);
    default:
        return rs_channel_refuse(frame, error);
    }
}

/* Handles frames until one has to wait for its sink. */
static int handle_all(struct rs_relay *relay, struct rs_error *error)
{
    struct rs_frame frame;

    while (!relay->ended && relay->pending_size == 0) {
        int found = rs_frame_next(&relay->machine->channel.reader, &frame);

        if (found == 0)
            return 0;
        if (found < 0)
            return rs_error_set(error, RS_EXIT_HOST, "emulated host: malformed frame");
        if (handle(relay, &frame, error) != 0)
            return -1;
    }
    return 0;
}

static int forward_signal(struct rs_relay *relay, struct rs_error *error)
{
    uint32_t number = (uint32_t)relay->wait->signal;

    relay->wait->signal = 0;
    relay->deadline = rs_now_ms() + (relay->signals++ ? 0 : RS_EMULATED_GRACE_MS);
    return rs_channel_send(&relay->machine->channel, RS_FRAME_SIGNAL, 0, &number, sizeof(number),
                           error);
}

/* The command did not end in time. */
static int stop(struct rs_relay *relay, struct rs_error *error)
{
    if (relay->signals == 0)
        return rs_error_set(error, RS_EXIT_TIMEOUT, "the emulated host did not end within %u s",
                            relay->command->timeout_s);
    relay->ended = true;
    relay->status = RS_EXIT_INTERRUPTED;
    return 0;
}

/* A terminal stops a background job that reads from it. */
static bool may_read_stdin(const struct rs_relay *relay)
{
    if (!relay->stdin_open || relay->credit == 0 || relay->machine->channel.queued > 0)
        return false;
    return !relay->stdin_terminal || tcgetpgrp(STDIN_FILENO) == getpgrp();
}

enum slot {
    SLOT_CHANNEL,
    SLOT_SEND,
    SLOT_SINK,
    SLOT_STDIN,
    SLOT_MESSAGES,
    SLOT_COUNT
};

static void choose_slots(const struct rs_relay *relay, struct pollfd slots[SLOT_COUNT])
{
    const struct rs_channel *channel = &relay->machine->channel;
    bool pending = relay->pending_size > 0;

    slots[SLOT_CHANNEL] = (struct pollfd){.fd = pending ? -1 : channel->fd, .events = POLLIN};
    slots[SLOT_SEND] =
        (struct pollfd){.fd = channel->queued ? channel->out : -1, .events = POLLOUT};
    slots[SLOT_SINK] = (struct pollfd){.fd = pending ? relay->sinks[relay->pending_stream] : -1,
                                       .events = POLLOUT};
    slots[SLOT_STDIN] =
        (struct pollfd){.fd = may_read_stdin(relay) ? STDIN_FILENO : -1, .events = POLLIN};
    slots[SLOT_MESSAGES] =
        (struct pollfd){.fd = relay->machine->emulator.messages, .events = POLLIN};
}

static int serve_slots(struct rs_relay *relay, const struct pollfd slots[SLOT_COUNT],
                       struct rs_error *error)
{
    struct rs_channel *channel = &relay->machine->channel;

    if (slots[SLOT_MESSAGES].revents)
        rs_emulator_messages(&relay->machine->emulator, relay->command->verbose);
    if (slots[SLOT_SEND].revents & POLLOUT && rs_channel_flush(channel, error) != 0)
        return -1;
    if (slots[SLOT_SINK].revents)
        return rs_relay_write(relay, error);
    if (slots[SLOT_CHANNEL].revents & (POLLIN | POLLHUP | POLLERR) && relay->pending_size == 0 &&
        rs_channel_receive(channel, error) != 0)
        return -1;
    if (slots[SLOT_STDIN].revents)
        return rs_relay_read_stdin(relay, error);
    return 0;
}

static int step(struct rs_relay *relay, struct rs_error *error)
{
    int64_t left = relay->deadline < 0 ? -1 : relay->deadline - rs_now_ms();
    struct pollfd slots[SLOT_COUNT];
    int ready;

    if (relay->deadline >= 0 && left <= 0)
        return stop(relay, error);
    choose_slots(relay, slots);
    ready = rs_wait_poll(relay->wait, slots, SLOT_COUNT, left);
    if (ready < 0)
        return forward_signal(relay, error);
    return ready == 0 ? 0 : serve_slots(relay, slots, error);
}

static void begin(struct rs_relay *relay, struct rs_host_machine *machine,
                  const struct rs_emulated_command *command)
{
    *relay = (struct rs_relay){
        .machine = machine,
        .wait = machine->channel.wait,
        .command = command,
        .stdin_open = !command->no_stdin,
        .stdin_terminal = isatty(STDIN_FILENO) == 1,
        .credit = RS_STDIN_WINDOW,
        .deadline = command->timeout_s ? rs_now_ms() + (int64_t)command->timeout_s * 1000 : -1,
    };
    for (unsigned i = 0; i < RS_STREAM_COUNT; i++)
        relay->sinks[i] = -1;
    relay->sinks[RS_STREAM_STDOUT] = STDOUT_FILENO;
    relay->sinks[RS_STREAM_STDERR] = STDERR_FILENO;
    for (size_t i = 0; i < command->output_count; i++) {
        relay->sinks[RS_STREAM_OUTPUT + i] = command->outputs[i].host_fd;
        relay->rings[RS_STREAM_OUTPUT + i] = command->outputs[i].ring;
    }
}

int rs_relay_serve(struct rs_relay *relay, struct rs_host_machine *machine,
                   const struct rs_emulated_command *command, struct rs_error *error)
{
    begin(relay, machine, command);
    if (command->no_stdin &&
        rs_channel_send(&machine->channel, RS_FRAME_CLOSE, RS_STREAM_STDIN, NULL, 0, error) != 0)
        return -1;
    while (!relay->ended)
        if (step(relay, error) != 0 || handle_all(relay, error) != 0)
            return -1;
    if (relay->output_errno)
        return rs_error_errno(error, RS_EXIT_OUTPUT, relay->output_errno, "output");
    return relay->status;
}
