/* SPDX-License-Identifier: MIT
 * Exception delivery to ring 3, and the two services that end it. */

#include "ke.h"
#include "mm.h"
#include "ps.h"
#include "scheduler.h"

/* The services are in continue.S and call these with one more argument. */
NTSTATUS KiContinue(const struct context *context, uint8_t test_alert, uint64_t unused,
                    struct kexception_frame *exception_frame);
NTSTATUS KiContinueEx(const struct context *context, const uint32_t *argument, uint64_t unused,
                      struct kexception_frame *exception_frame);
NTSTATUS KiRaiseException(const struct exception_record *record, const struct context *context,
                          uint8_t first_chance, struct kexception_frame *exception_frame);

/* RIP, CS, EFLAGS, RSP, SS of the frame in one piece, as the processor pushed them. */
#define MACHINE_FRAME_SIZE (KTRAP_FRAME_SIZE - offsetof(struct ktrap_frame, Rip))

static NTSTATUS write_context_ex(uint64_t stack)
{
    const int32_t size = EXCEPTION_STACK_CONTEXT_EX;
    const struct context_ex context_ex = {
        .All = {-size, (uint32_t)size + sizeof(context_ex)},
        .Legacy = {-size, (uint32_t)size},
        .XState = {sizeof(context_ex), 0},
    };

    return MmWriteUser((void *)(stack + EXCEPTION_STACK_CONTEXT_EX), &context_ex,
                       sizeof(context_ex));
}

/* The layout of context.h, below the interrupted stack pointer. */
static NTSTATUS write_user_stack(const struct exception_record *record,
                                 const struct kexception_frame *exception_frame,
                                 const struct ktrap_frame *frame, uint64_t stack)
{
    NTSTATUS status = KiFramesToContext(frame, exception_frame,
                                        (struct context *)(stack + EXCEPTION_STACK_CONTEXT));

    if (NT_SUCCESS(status))
        status = write_context_ex(stack);
    if (NT_SUCCESS(status))
        status = MmWriteUser((void *)(stack + EXCEPTION_STACK_RECORD), record,
                             offsetof(struct exception_record, ExceptionInformation) +
                                 record->NumberParameters * sizeof(uint64_t));
    if (NT_SUCCESS(status))
        status = MmWriteUser((void *)(stack + EXCEPTION_STACK_MACHINE_FRAME), &frame->Rip,
                             MACHINE_FRAME_SIZE);
    return status;
}

void KiDispatchException(const struct exception_record *record,
                         struct kexception_frame *exception_frame, struct ktrap_frame *frame,
                         bool first_chance)
{
    uint64_t dispatcher = KeGetCurrentThread()->Process->ExceptionDispatcher;
    uint64_t stack = (frame->Rsp - EXCEPTION_STACK_SIZE) & ~UINT64_C(15);

    if (!first_chance || dispatcher == 0 ||
        !NT_SUCCESS(write_user_stack(record, exception_frame, frame, stack)))
        PsExitProcess(record->ExceptionCode);

    KeGetPcr()->Counters.Exceptions++;
    frame->Rip = dispatcher;
    frame->Rsp = stack;
    frame->SegCs = KGDT64_R3_CODE | RPL_MASK;
    frame->SegSs = KGDT64_R3_DATA | RPL_MASK;
    /* The handler starts with clean flags; the program's are in the context. */
    frame->EFlags &= ~(RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | RFLAGS_AC | RFLAGS_RF);
}

static struct ktrap_frame *service_frame(void)
{
    return KeGetCurrentThread()->TrapFrame;
}

NTSTATUS KiContinue(const struct context *context, uint8_t test_alert, uint64_t unused,
                    struct kexception_frame *exception_frame)
{
    NTSTATUS status = KiContextToFrames(context, service_frame(), exception_frame);

    (void)unused;
    if (NT_SUCCESS(status) && test_alert)
        KeTestAlert(true);
    return status;
}

/* The argument is a KCONTINUE_ARGUMENT or, when below 256, the BOOLEAN of NtContinue. */
NTSTATUS KiContinueEx(const struct context *context, const uint32_t *argument, uint64_t unused,
                      struct kexception_frame *exception_frame)
{
    enum {
        CONTINUE_UNWIND,
        CONTINUE_RESUME,
        CONTINUE_LONGJUMP,
        CONTINUE_SET,
        CONTINUE_LAST
    };
    uint32_t type_and_flags[2];
    bool test_alert = (uint64_t)argument & 1; /* KCONTINUE_FLAG_TEST_ALERT */
    NTSTATUS status;

    (void)unused;
    if ((uint64_t)argument > UINT8_MAX) {
        status = MmReadUser(type_and_flags, argument, sizeof(type_and_flags));
        if (!NT_SUCCESS(status))
            return status;
        if (type_and_flags[0] >= CONTINUE_LAST)
            return STATUS_INVALID_PARAMETER;
        test_alert = type_and_flags[1] & 1;
    }
    return KiContinue(context, test_alert, 0, exception_frame);
}

/* Returns to the caller's context, or to what dispatching makes of it. */
NTSTATUS KiRaiseException(const struct exception_record *record, const struct context *context,
                          uint8_t first_chance, struct kexception_frame *exception_frame)
{
    struct ktrap_frame *frame = service_frame();
    struct exception_record copy;
    NTSTATUS status = MmReadUser(&copy, record, sizeof(copy));

    if (!NT_SUCCESS(status))
        return status;
    if (copy.NumberParameters > EXCEPTION_MAXIMUM_PARAMETERS)
        return STATUS_INVALID_PARAMETER;
    status = KiContextToFrames(context, frame, exception_frame);
    if (NT_SUCCESS(status))
        KiDispatchException(&copy, exception_frame, frame, first_chance);
    return status;
}
