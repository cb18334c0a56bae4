/* SPDX-License-Identifier: MIT
 * A kernel that looks at the PC it was booted on and says what it finds, as TAP. Compiled for 32
 * and for 64 bits. Its last word on the command line tells how it ends: by the debug-exit port, or
 * "poweroff", "reset", "triple", "spin", "nothing"; or as a test of kvm-unit-tests does that
 * passes, fails, is skipped or aborts: "kut-pass", "kut-fail", "kut-skip", "kut-abort", "kut-liar".
 */
#include "selftest.h"

extern char image_end[];
static char zero[64]; /* in BSS */

static unsigned count, failures;

void check(int holds, const char *claim)
{
    count++;
    failures += !holds;
    print(holds ? "ok " : "not ok ");
    print_number(count);
    print(" - ");
    print(claim);
    print("\n");
}

static int bss_is_zero(void)
{
    for (unsigned i = 0; i < sizeof(zero); i++)
        if (zero[i])
            return 0;
    return 1;
}

static int ends_with(const char *text, const char *word)
{
    const char *end = text, *last = word;

    while (*end)
        end++;
    while (*last)
        last++;
    while (last > word)
        if (end == text || *--end != *--last)
            return 0;
    return 1;
}

static void triple_fault(void)
{
    static const struct {
        unsigned short limit;
        unsigned long base;
    } __attribute__((packed)) none = {0, 0};

    __asm__ volatile("lidt %0; ud2" : : "m"(none));
}

/* Lines and statuses of that suite's report.c. */
static void end_as_kut(const char *command_line)
{
    static const struct {
        const char *word, *line;
        uint32_t value;
    } ends[] = {
        {"kut-pass", "PASS: one claim\r\nSUMMARY: 1 tests\r\n", 0},
        {"kut-fail",
         "PASS: one claim\r\nFAIL: another\r\nSUMMARY: 2 tests, 1 unexpected failures\r\n", 1},
        {"kut-skip", "SKIP: nothing to test\r\nSUMMARY: 1 tests, 1 skipped\r\n", 77 >> 1},
        {"kut-abort", "ABORT: an assertion\r\n", 63},
        {"kut-liar", "FAIL: a claim\r\n", 0},
    };

    for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (!ends_with(command_line, ends[i].word))
            continue;
        print(ends[i].line);
        out32(0xf4, ends[i].value);
    }
}

/* CPUID 40000000h: whose interface the guest sees. */
static void tell_hypervisor(void)
{
    uint32_t leaf = 0x40000000;
    union {
        uint32_t registers[3];
        char text[13];
    } name = {.registers = {0}};

    __asm__ volatile("cpuid"
                     : "+a"(leaf), "=b"(name.registers[0]), "=c"(name.registers[1]),
                       "=d"(name.registers[2]));
    name.text[12] = '\0';
    print("# hypervisor: ");
    print(name.text);
    print("\n");
}

static void end(const char *command_line)
{
    print("1..");
    print_number(count);
    print("\n");
    end_as_kut(command_line);
    if (ends_with(command_line, "poweroff"))
        out16(acpi_control_port(), 0x2000); /* SLP_EN, SLP_TYP of \_S5 */
    if (ends_with(command_line, "reset"))
        out8(0xcf9, 6);
    if (ends_with(command_line, "triple"))
        triple_fault();
    if (ends_with(command_line, "spin"))
        for (;;)
            ;
    if (ends_with(command_line, "nothing"))
        return; /* halts with interrupts off */
    out32(0xf4, failures > 0);
}

void selftest(unsigned long magic, unsigned long info)
{
    struct boot boot = {0};

    check(bss_is_zero(), "BSS is zero");
    boot_read(magic, info, &boot);
    print("# ");
    print(boot.protocol);
    print(": ");
    print(boot.command_line);
    print("\n");
    check(boot.memory_kib > 1024 * 7, "the memory map has memory above 1 MiB");
    check(boot.low_kib == 639, "and 639 KiB below");
    if (boot.module_size) {
        print("# module: ");
        print(boot.module);
        check(boot.module > image_end || boot.module + boot.module_size < (char *)0x100000,
              "the module does not lie in the kernel");
    }
    tell_hypervisor();
    check_ports();
    check_clocks();
    check_acpi();
    check_faults(ends_with(boot.command_line, "full"));
    end(boot.command_line);
}
