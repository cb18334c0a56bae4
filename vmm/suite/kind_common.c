/* SPDX-License-Identifier: MIT
 * What all kinds of tests do with a machine that is ready: run it within the budget. */
#include "kinds.h"

#include "machine/machine.h"
#include "nt/services.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

/* The thread that runs the guest is the only one: its time is up when SIGALRM comes. */
static struct rs_machine *timed_machine;

static void on_alarm(int signal)
{
    (void)signal;
    if (timed_machine)
        rs_machine_stop(timed_machine, RS_STOP_TIMEOUT);
}

static void set_alarm(struct rs_machine *machine, double seconds)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval timer = {
        .it_value.tv_sec = (time_t)seconds,
        .it_value.tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6),
    };

    if (seconds > 0 && timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0)
        timer.it_value.tv_usec = 1;
    timed_machine = machine;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void keep_console(struct rs_result *result, const struct rs_record *record)
{
    size_t room = RS_CONSOLE_KEPT - result->console_size;
    size_t size = record->size < room ? record->size : room;

    memcpy(result->console + result->console_size, record->text, size);
    result->console_size += (uint32_t)size;
    result->console[result->console_size] = '\0';
    result->console_cut |= size < record->size;
}

static void drain(struct rs_machine *machine, struct rs_result *result)
{
    struct rs_stream *stream = &machine->cpus->stream;
    const struct rs_record *record;

    while ((record = rs_stream_peek(stream)) != NULL) {
        if (record->type == RS_RECORD_CONSOLE)
            keep_console(result, record);
        rs_stream_consume(stream);
    }
    result->console_cut |= stream->dropped > 0;
    stream->dropped = 0;
}

static void keep_registers(struct rs_machine *machine, struct rs_result *result)
{
    const struct kvm_regs *r = rs_vcpu_regs(&machine->cpus->vcpu);
    const struct kvm_sregs *s = rs_vcpu_sregs(&machine->cpus->vcpu);

    snprintf(result->registers, sizeof(result->registers),
             "rip=%016llx rsp=%016llx rfl=%08llx cpl=%u\n"
             "rax=%016llx rbx=%016llx rcx=%016llx rdx=%016llx\n"
             "rsi=%016llx rdi=%016llx rbp=%016llx r8 =%016llx\n"
             "r9 =%016llx r10=%016llx r11=%016llx r12=%016llx\n"
             "r13=%016llx r14=%016llx r15=%016llx cr2=%016llx\n"
             "cr0=%08llx cr3=%016llx cr4=%08llx efer=%08llx cs=%04x ss=%04x\n"
             "gdt=%016llx/%04x idt=%016llx/%04x tr=%04x\n",
             r->rip, r->rsp, r->rflags, s->ss.dpl, r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi,
             r->rbp, r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15, s->cr2, s->cr0,
             s->cr3, s->cr4, s->efer, s->cs.selector, s->ss.selector, s->gdt.base, s->gdt.limit,
             s->idt.base, s->idt.limit, s->tr.selector);
}

__attribute__((format(printf, 2, 3))) static void broke(struct rs_result *result,
                                                        const char *format, ...)
{
    va_list arguments;

    result->outcome = RS_OUTCOME_ERROR;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof(result->detail), format, arguments);
    va_end(arguments);
}

static void judge_exit(struct rs_result *result, uint32_t status)
{
    const char *name = status > 0xff ? rs_status_name(status) : NULL;

    rs_judge_output(result, status);
    if (status > 0xff && result->outcome != RS_OUTCOME_FAIL)
        broke(result, "it ended with status %#010" PRIx32 "%s%s", status, name ? " " : "",
              name ? name : "");
}

static void judge(const struct rs_bench_place *place, const struct rs_stop *stop,
                  struct rs_result *result)
{
    switch (stop->kind) {
    case RS_STOP_PROGRAM:
        judge_exit(result, stop->value);
        break;
    case RS_STOP_DEBUG_EXIT: /* 0 and 1 in QEMU's encoding: passed; others say what they like */
        judge_exit(result, stop->value);
        break;
    case RS_STOP_BUG_CHECK:
        broke(result, "the kernel stopped with bug check %#" PRIx32, stop->value);
        break;
    case RS_STOP_TIMEOUT:
        broke(result, "it did not end within %g s", place->budget.seconds);
        break;
    default:
        broke(result, "the guest crashed: %s", stop->message);
    }
    if (result->console_cut && result->outcome == RS_OUTCOME_PASS)
        broke(result, "it wrote more than the %d bytes that are kept", RS_CONSOLE_KEPT);
}

void rs_kind_run_machine(const struct rs_bench_place *place, struct rs_machine *machine,
                         struct rs_result *result)
{
    double begun = now();

    rs_stream_close(&machine->cpus->stream); /* a full ring drops: nobody empties it meanwhile */
    set_alarm(machine, place->budget.seconds);
    rs_machine_run(machine);
    set_alarm(NULL, 0);
    result->seconds = now() - begun;
    drain(machine, result);
    judge(place, &machine->stop, result);
    if (result->outcome != RS_OUTCOME_PASS)
        keep_registers(machine, result);
}
