/* SPDX-License-Identifier: MIT
 * From options to a running guest: what run and trace share. */
#include "launch.h"

#include "doctor/needs.h"
#include "kvm/kvm_host.h"
#include "machine/boot.h"
#include "machine/direct_boot.h"
#include "machine/registers.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const deviation_texts[] = {
#define X(name, text) text,
    RS_DEVIATIONS(X)
#undef X
};

static const char *const unhookable_texts[] = {
#define X(name, text) text,
    RS_UNHOOKABLE(X)
#undef X
};

static int fail(const struct rs_error *error)
{
    fprintf(stderr, "ringscope: %s\n", error->message);
    return error->exit_code;
}

static void announce_repair(uint32_t needs)
{
    static const struct {
        uint32_t need;
        const char *text;
    } texts[] = {
        {RS_NEED_SYSCALL, "SYSCALL"},
        {RS_NEED_INT_N_UD | RS_NEED_INT_N_GP, "INT n from ring 3"},
        {RS_NEED_RING0_INT, "INT n and INT3 in ring 0"},
    };
    const char *separator = "";

    if (!needs)
        return;
    fprintf(stderr, "ringscope: this host departs from the SDM; repaired: ");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (needs & texts[i].need) {
            fprintf(stderr, "%s%s", separator, texts[i].text);
            separator = ", ";
        }
    }
    fprintf(stderr, " (--repair=off shows the bare host)\n");
}

static void summarise(const struct rs_machine *machine)
{
    const struct rs_hooks_counts counts = rs_machine_counts(machine);
    uint64_t dropped = rs_machine_dropped(machine);

    for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++)
        if (counts.deviations[bit])
            fprintf(stderr, "ringscope: %" PRIu64 " x deviation from the SDM: %s\n",
                    counts.deviations[bit], deviation_texts[bit]);
    for (size_t i = 0; i < sizeof(unhookable_texts) / sizeof(unhookable_texts[0]); i++)
        if (atomic_load(&machine->hooks.unhookable) & (1u << i))
            fprintf(stderr, "ringscope: for a time only MSRs were traced: %s\n",
                    unhookable_texts[i]);
    if (counts.repaired)
        fprintf(stderr, "ringscope: %" PRIu64 " transitions were repaired\n", counts.repaired);
    if (dropped)
        fprintf(stderr, "ringscope: %" PRIu64 " records were lost\n", dropped);
}

static int open_output(struct rs_launch *launch)
{
    /* stderr itself is not buffered: a line would be many writes. */
    launch->text->file =
        launch->output ? fopen(launch->output, "we") : fdopen(dup(STDERR_FILENO), "w");
    if (launch->text->file)
        return 0;
    fprintf(stderr, "ringscope: output '%s': %s\n", launch->output ? launch->output : "stderr",
            strerror(errno));
    return RS_EXIT_OUTPUT;
}

static int close_output(struct rs_launch *launch, int exit_code)
{
    if (fclose(launch->text->file) == 0)
        return exit_code;
    fprintf(stderr, "ringscope: output '%s': %s\n", launch->output ? launch->output : "stderr",
            strerror(errno));
    return RS_EXIT_OUTPUT;
}

static void print_end(struct rs_launch *launch, struct rs_session *session)
{
    /* Where an expression may leave out a return alone, an entry without one means nothing. */
    if (launch->text && launch->lines && launch->filter && launch->filter->exact)
        rs_text_end(launch->text);
    if (launch->counts && launch->text)
        rs_counts_print(launch->counts, &launch->text->clock, session->emulated,
                        launch->text->file);
    if (launch->text)
        fflush(launch->text->file);
    if (launch->filter)
        summarise(&session->machine);
}

static int run_machine(const struct rs_options *options, struct rs_session *session,
                       struct rs_launch *launch, const struct rs_images *images)
{
    struct rs_clock clock;
    struct rs_error error;
    int exit_code;
    bool failed;

    if (launch->text) {
        rs_clock_start(&launch->text->clock, session->machine.tsc_hz);
        launch->text->emulated = session->emulated;
        launch->text->empty_span = session->machine.hooks.config.empty_span;
        launch->text->colour = !launch->output && isatty(STDERR_FILENO);
        session->text = launch->lines ? launch->text : NULL;
        session->counts = launch->counts;
        if (launch->counts)
            launch->counts->empty_span = launch->text->empty_span;
    }
    if (launch->filter && !launch->filter->exact) {
        rs_clock_start(&clock, session->machine.tsc_hz);
        rs_filter_set_clock(launch->filter, clock.tsc_hz, session->machine.hooks.config.empty_span);
    }
    if (launch->recording.path) {
        if (rs_recording_open(&launch->recording, &session->machine, session->emulated, images,
                              &error) != 0)
            return fail(&error);
        session->recording = &launch->recording;
    }
    /* Not before everything is in place: what cannot begin has one line on stderr, its error. */
    if (launch->visitor && (exit_code = launch->visitor->prepare(launch->visitor, session, images)))
        return exit_code;
    if ((launch->filter && !launch->visitor) || options->verbose)
        announce_repair(session->machine.hooks.config.needs);
    failed = rs_session_run(session, &error) != 0;
    if (session->recording &&
        rs_recording_close(session->recording, &session->machine, failed ? NULL : &error) != 0)
        failed = true;
    if (failed)
        return fail(&error);
    if (options->registers && !session->machine.stuck)
        rs_machine_print_registers(&session->machine, RS_REGISTERS_PREFIX, stderr);
    if (launch->visitor)
        return launch->visitor->finish(launch->visitor, session, images);
    exit_code = rs_session_exit_code(session);
    print_end(launch, session);
    return exit_code;
}

static bool wants_marks(const struct rs_launch *launch)
{
    return launch->recording.path ||
           (launch->text &&
            (launch->text->marks || launch->text->verbose || launch->text->explain));
}

static void announce_kinds(const struct rs_hook_costs *costs, const struct rs_hook_kinds *kinds)
{
    fprintf(stderr, "ringscope: hooks: ");
    rs_hook_kinds_print(kinds, stderr);
    fprintf(stderr, "; an exit takes ");
    rs_hook_costs_print(costs, RS_HOOK_RING0, stderr);
    fprintf(stderr, "\n");
}

/* Without a filter nothing is hooked but what repair needs: of that only what was asked for is
 * measured. Times from entry to return are told, so what the hooks add to them is measured, too. */
static int measure(const struct rs_options *options, const struct rs_launch *launch, int kvm_fd,
                   struct rs_hooks_config *hooks, struct rs_error *error)
{
    struct rs_hook_wish wish = {.wanted = options->hook_kind, .several = options->cpus > 1};
    struct rs_hook_costs costs;

    if (options->repair && rs_doctor_needs(kvm_fd, &hooks->needs, error) != 0)
        return -1;
    wish.needs = hooks->needs;
    wish.foreign = hooks->foreign;
    if (!launch->filter && options->hook_kind == RS_HOOK_AUTO)
        return 0;
    if (rs_doctor_hook_kinds(kvm_fd, &wish, &costs, &hooks->kinds, &hooks->empty_span, error) != 0)
        return -1;
    if (options->verbose)
        announce_kinds(&costs, &hooks->kinds);
    return 0;
}

/* Text, symbols and trace of the session: what they take grows with the images, not with the guest.
 */
#define SANDBOX_MEMORY (UINT64_C(1) << 30)

static struct rs_sandbox confine(const struct rs_options *options, const struct rs_launch *launch)
{
    struct rs_sandbox sandbox = options->sandbox;

    sandbox.memory = SANDBOX_MEMORY;
    sandbox.file_size =
        RS_FILE_SIZE_MAX > launch->pagefile.size ? RS_FILE_SIZE_MAX : launch->pagefile.size;
    return sandbox;
}

static int run_images(const struct rs_options *options, struct rs_launch *launch, int kvm_fd,
                      const struct rs_images *images)
{
    struct rs_session *session = calloc(1, sizeof(*session));
    struct rs_machine_config config = {
        .kernel = images->kernel,
        .protocol = images->protocol,
        .command_line = options->append,
        .initrd = images->initrd,
        .cpu = &options->cpu,
        .program = images->program,
        .arguments = options->arguments,
        .modules = images->modules,
        .module_count = images->module_count,
        .pagefile = launch->pagefile,
        .memory_size = options->memory_size,
        .cpu_count = options->cpus,
        .kva_shadow = options->kva_shadow,
        .hooks = {.filter = launch->filter,
                  .check = true,
                  .marks = wants_marks(launch),
                  .two_roots = options->kva_shadow,
                  .foreign = images->protocol != RS_PROTOCOL_RINGSCOPE,
                  .string_size = launch->string_size},
    };
    struct rs_error error;
    int exit_code;

    if (!session)
        return rs_error_set(&error, RS_EXIT_HOST, "out of memory"), fail(&error);
    session->sandbox = confine(options, launch);
    session->budget = options->budget;
    rs_typist_init(&session->typist, options->keys);
    session->emulated = rs_kvm_host_is_emulated();
    if (measure(options, launch, kvm_fd, &config.hooks, &error) != 0) {
        free(session);
        return fail(&error);
    }
    if (rs_machine_create(&session->machine, kvm_fd, &config, &error) != 0) {
        free(session);
        return fail(&error);
    }
    exit_code = run_machine(options, session, launch, images);
    rs_machine_destroy(&session->machine);
    if (!session->machine.stuck)
        free(session);
    return exit_code;
}

int rs_launch(const struct rs_options *options, struct rs_launch *launch, int kvm_fd,
              const struct rs_images *images)
{
    int exit_code = launch->text ? open_output(launch) : 0;
    struct rs_symbols *symbols;

    if (exit_code != 0)
        return exit_code;
    if (!launch->text)
        return run_images(options, launch, kvm_fd, images);
    launch->text->verbose = options->verbose;
    symbols = rs_images_symbols(images);
    launch->text->symbols = symbols;
    launch->text->cpu_count = options->cpus;
    launch->text->told = calloc(options->cpus, sizeof(*launch->text->told));
    exit_code = run_images(options, launch, kvm_fd, images);
    launch->text->symbols = NULL;
    free(launch->text->told);
    launch->text->told = NULL;
    rs_symbols_free(symbols);
    return close_output(launch, exit_code);
}

/* The ringscope inside ends its guest; this is for one that does not. */
#define EMULATED_GRACE_S 60

static unsigned emulated_timeout(const struct rs_budget *budget)
{
    double seconds = budget->seconds == 0 ? RS_BUDGET_SECONDS_DEFAULT : budget->seconds;

    return seconds < UINT_MAX - EMULATED_GRACE_S ? (unsigned)seconds + EMULATED_GRACE_S : 0;
}

static int emulate(int argc, char **argv, const struct rs_options *options,
                   const struct rs_launch *launch, const struct rs_images *images)
{
    struct rs_sandbox sandbox = confine(options, launch);
    struct rs_emulation emulation = {
        .kind = rs_host_kind(options->host),
        .argc = argc,
        .argv = argv,
        .program = options->arguments,
        .program_file = images->program_bytes && options->arguments ? options->arguments[0] : NULL,
        .kernel_file = options->kernel,
        .initrd_file = options->initrd,
        .modules = options->modules,
        .module_count = options->module_count,
        .memory_size = options->memory_size,
        .pagefile_size = options->pagefile.path[0] ? launch->pagefile.size : 0,
        .output_file = launch->output,
        .record_directory = launch->recording.path,
        .ring_size = launch->recording.ring_size,
        .cpu_count = options->cpus,
        .sandbox = &sandbox,
        .budget = &options->budget,
        .timeout_s = emulated_timeout(&options->budget),
        .verbose = options->verbose,
    };

    return rs_host_emulate(&emulation);
}

static int check_images(const struct rs_options *options, const struct rs_images *images,
                        struct rs_error *error)
{
    if (images->protocol != RS_PROTOCOL_RINGSCOPE)
        return rs_direct_boot_check(images->protocol, &images->kernel, options->append,
                                    options->memory_size, error);
    return rs_boot_check(&images->kernel, &images->program, options->memory_size, error);
}

/* Images are checked before a host is started: the message names the file as the user did. */
static int run_on_host(int argc, char **argv, struct rs_options *options, struct rs_launch *launch,
                       const struct rs_images *images)
{
    struct rs_error error;
    bool emulated;
    int kvm_fd, exit_code;

    if (check_images(options, images, &error) != 0)
        return fail(&error);
    kvm_fd = rs_host_open(options->host, &emulated, &error);
    if (emulated)
        return emulate(argc, argv, options, launch, images);
    if (kvm_fd < 0)
        return fail(&error);
    exit_code = rs_launch(options, launch, kvm_fd, images);
    close(kvm_fd);
    return exit_code;
}

static int run_with_pagefile(int argc, char **argv, struct rs_options *options,
                             struct rs_launch *launch, const struct rs_images *images)
{
    struct rs_error error;
    int exit_code;

    if (rs_pagefile_open(&options->pagefile, options->memory_size, &launch->pagefile, &error) != 0)
        return fail(&error);
    exit_code = run_on_host(argc, argv, options, launch, images);
    if (launch->pagefile.fd >= 0)
        close(launch->pagefile.fd);
    return exit_code;
}

int rs_launch_command(int argc, char **argv, const struct argp *argp, struct rs_options *options,
                      struct rs_launch *launch, void *input)
{
    struct rs_error *error = options->error;
    struct rs_images images;
    int exit_code;

    if (argp_parse(argp, argc, argv, ARGP_IN_ORDER, NULL, input) != 0)
        return fail(error);
    if (rs_recording_check(&launch->recording, options->cpus, error) != 0)
        return fail(error);
    if (options->user && rs_sandbox_parse_user(options->user, &options->sandbox, error) != 0)
        return fail(error);
    if (rs_images_load(&images, options, error) != 0)
        return fail(error);
    launch->recording.argc = argc;
    launch->recording.argv = argv;
    if (launch->filter && rs_options_compile(options, &images, launch->filter, error) != 0)
        exit_code = fail(error);
    else
        exit_code = run_with_pagefile(argc, argv, options, launch, &images);
    rs_images_unload(&images);
    return exit_code;
}
