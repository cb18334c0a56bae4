/* SPDX-License-Identifier: MIT
 * What a hostile machine may send while the emulated host runs a command. */
#include "host/relay.h"
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

static struct rs_wait waiting;
static struct rs_host_machine machine;
static struct rs_relay relay;
static int inside;      /* the machine's end of the channel */
static int console[2];  /* the machine's console, write end second */
static int captured[2]; /* what the output got, read end first */

static void begin(void)
{
    struct rs_error error;
    int channel[2];

    ck_assert_int_eq(rs_wait_open(&waiting, false, &error), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, channel), 0);
    ck_assert_int_eq(pipe(console), 0);
    ck_assert_int_eq(pipe(captured), 0);
    inside = channel[1];
    machine.emulator.channel = channel[0];
    machine.emulator.messages = console[0];
    rs_channel_init(&machine.channel, channel[0], &waiting);
}

static void say(uint8_t type, uint8_t stream, const void *payload, uint32_t size)
{
    struct rs_frame_header header = {.size = size, .type = type, .stream = stream};

    ck_assert_int_eq(write(inside, &header, sizeof(header)), sizeof(header));
    ck_assert_int_eq(write(inside, payload, size), size);
}

static int serve(struct rs_error *error)
{
    const struct rs_emulated_output output = {.inner_path = "/o", .host_fd = captured[1]};
    const struct rs_emulated_command command = {
        .outputs = &output, .output_count = 1, .no_stdin = true, .timeout_s = 10};

    return rs_relay_serve(&relay, &machine, &command, error);
}

static const struct {
    const char *name;
    struct rs_exit exit;
    int expected;
} ends[] = {
    {"success", {0, 0}, 0},
    {"status", {0, 121}, 121},
    {"largest status", {0, 255}, 255},
    {"killed", {1, 9}, 137},
};

START_TEST(exit_statuses_come_back)
{
    struct rs_error error;

    begin();
    say(RS_FRAME_EXIT, 0, &ends[_i].exit, sizeof(ends[_i].exit));
    assert_row_eq(ends[_i].name, serve(&error), ends[_i].expected);
}
END_TEST

START_TEST(data_goes_to_its_stream)
{
    const struct rs_exit exit = {0, 3};
    struct rs_error error;
    char text[16];

    begin();
    say(RS_FRAME_DATA, RS_STREAM_OUTPUT, "one ", 4);
    say(RS_FRAME_DATA, RS_STREAM_OUTPUT + 1, "nobody's", 8);
    say(RS_FRAME_DATA, RS_STREAM_OUTPUT, "two", 3);
    say(RS_FRAME_DATA, RS_STREAM_OUTPUT, "", 0);
    say(RS_FRAME_EXIT, 0, &exit, sizeof(exit));
    ck_assert_int_eq(serve(&error), 3);
    ck_assert_int_eq(read(captured[0], text, sizeof(text)), 7);
    ck_assert_mem_eq(text, "one two", 7);
}
END_TEST

START_TEST(an_output_without_a_reader_is_an_error)
{
    const struct rs_exit exit = {0, 0};
    struct rs_error error;

    begin();
    close(captured[0]);
    say(RS_FRAME_DATA, RS_STREAM_OUTPUT, "text", 4);
    say(RS_FRAME_EXIT, 0, &exit, sizeof(exit));
    ck_assert_int_eq(serve(&error), -1);
    ck_assert_int_eq(error.exit_code, RS_EXIT_OUTPUT);
    rs_wait_close(&waiting); /* takes the SIGPIPE along */
}
END_TEST

static const struct {
    const char *name;
    uint8_t type, stream;
    char payload[12];
    uint32_t size;
    const char *message;
} hostile[] = {
    {"short exit", RS_FRAME_EXIT, 0, "", 4, "malformed exit status"},
    {"long exit", RS_FRAME_EXIT, 0, "", 12, "malformed exit status"},
    {"huge status", RS_FRAME_EXIT, 0, "\0\0\0\0\0\1", 8, "malformed exit status"},
    {"data from stdin", RS_FRAME_DATA, 0, "x", 1, "data from stdin"},
    {"credit for nothing", RS_FRAME_CREDIT, 0, "\1\0\0", 4, "malformed credit"},
    {"endless credit", RS_FRAME_CREDIT, 0, "\xff\xff\xff\xff", 4, "malformed credit"},
    {"short credit", RS_FRAME_CREDIT, 0, "", 0, "malformed credit"},
    {"a frame for the inside", RS_FRAME_START, 0, "/x", 2, "unexpected frame"},
    {"unknown type", 200, 0, "", 0, "malformed frame"},
    {"terminal escapes", RS_FRAME_FAILURE, 0, "a\033[2Jb\n%s", 9, "emulated host: a?[2Jb?%s"},
};

START_TEST(hostile_frames_end_the_command)
{
    struct rs_error error;

    begin();
    say(hostile[_i].type, hostile[_i].stream, hostile[_i].payload, hostile[_i].size);
    assert_row_eq(hostile[_i].name, serve(&error), -1);
    assert_row_eq(hostile[_i].name, error.exit_code, RS_EXIT_HOST);
    ck_assert_msg(strstr(error.message, hostile[_i].message), "%s: %s", hostile[_i].name,
                  error.message);
}
END_TEST

START_TEST(the_end_of_the_machine_is_seen)
{
    struct rs_error error;

    begin();
    say(RS_FRAME_CLOSE, RS_STREAM_STDOUT, "", 0);
    close(inside);
    ck_assert_int_eq(serve(&error), -1);
    ck_assert_int_eq(error.exit_code, RS_EXIT_HOST);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host relay");

    UNIT_ADD_ROWS(suite, exit_statuses_come_back, ends);
    UNIT_ADD(suite, data_goes_to_its_stream);
    UNIT_ADD(suite, an_output_without_a_reader_is_an_error);
    UNIT_ADD_ROWS(suite, hostile_frames_end_the_command, hostile);
    UNIT_ADD(suite, the_end_of_the_machine_is_seen);
    return unit_run(suite);
}
