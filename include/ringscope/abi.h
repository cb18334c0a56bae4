/* SPDX-License-Identifier: MIT
 * What the VMM and a guest kernel that it boots say to each other. */
#ifndef RINGSCOPE_ABI_H
#define RINGSCOPE_ABI_H

#include <ringscope/layout.h>

/*
 * Entry state of an ELF64 kernel: 64-bit mode, CPL 0, IF = 0, DF = 0;
 *   RDI = GPA of struct rs_boot_info, RSP = 0, other general registers 0;
 *   CR0 = PE MP ET NE WP PG, CR4 = PAE OSFXSR OSXMMEXCPT, EFER = LME LMA NXE (SCE clear);
 *   CS and SS flat with KGDT64_R0_CODE and KGDT64_R0_DATA; no GDT, IDT or TSS in memory (limits 0);
 *   CR3 = tables of the VMM's that map RAM at its own address and every PT_LOAD segment at its
 *   p_vaddr with the segment's rights. They live in RS_GPA_BOOT_TABLES..RS_GPA_BOOT_TABLES_END.
 * RAM that nothing was loaded into is zero.
 */

/* Port I/O. Sources: NS16550 data sheet; QEMU's "isa-debug-exit" device. */
#define RS_PORT_COM1 0x3f8
#define RS_PORT_COM1_IER (RS_PORT_COM1 + 1)
/* The keyboard controller. */
#define RS_PORT_I8042_DATA 0x60
#define RS_PORT_I8042_COMMAND 0x64 /* read: status */
/* OUT value v, any width: the machine stops, the process status is ((v << 1) | 1) & 0xff. */
#define RS_PORT_DEBUG_EXIT 0xf4
/* OUT 32 bits: the machine stops; the value is the exit status (an NTSTATUS) of the program. */
#define RS_PORT_PROGRAM_EXIT 0xf6
/* OUT 32 bits: the machine stops after a bug check; the value is the bug check code. */
#define RS_PORT_BUG_CHECK 0xf8
/* OUT 32 bits, any value: there are records in the stamp area (<ringscope/stamp.h>). The VMM takes
 * them, and leaves what it asks for next. */
#define RS_PORT_STAMPS 0xfc

/* ELF note of a kernel that is entered as above although it has entry points of other boot
 * protocols, too; its descriptor is RS_BOOT_VERSION. */
#define RS_BOOT_NOTE_NAME "ringscope"
#define RS_BOOT_NOTE_ABI 1
/* Of a test, under the same name: it has expectations on its trace. No descriptor; kernels leave it
 * alone, as they do notes of <nt/image.h>. */
#define RS_NOTE_EXPECTS_TRACE 16

/*
 * A module: modules[program] may be an ELF64 file that was linked with the bundled kernel, at
 * RS_GVA_MODULE. The kernel maps it there and calls its entry at CPL 0, on the first thread,
 * instead of starting a program; what the entry returns is the exit status. It begins with this
 * head.
 */
#define RS_MODULE_MAGIC 0x304d5352 /* "RSM0" */

#ifndef __ASSEMBLER__
struct rs_module_head {
    uint64_t magic;
    uint64_t kernel; /* FNV-1a of the kernel's file, 64 bits: another kernel has other addresses */
    /* Address of bool (struct ktrap_frame *, struct kexception_frame *, unsigned vector), called
     * for each exception in the module; true: go on at the frame's RIP. 0: none. */
    uint64_t trap;
};
#endif

/* IN 8 bits: 1 when the host can inject machine checks, else 0. OUT 8 bits, any value: the
 * processor that writes has an uncorrected one in bank 0, from which it can go on
 * (MCG_STATUS.RIPV). */
#define RS_PORT_MACHINE_CHECK 0xfa

/* OUT 32 bits, with RS_BOOT_READY: where the VMM may take a snapshot, to fill in something else
 * each time it comes back. RS_READY_KERNEL: the kernel has booted, and looks at modules[program]
 * next. RS_READY_IMAGE: it has loaded that, and read of it the ELF header, the program headers and
 * the notes, and the last page of each writable segment if the file does not fill it; everything
 * else of the file is mapped where it lies. The command line is read next. */
#define RS_PORT_READY 0xfc
#define RS_READY_KERNEL 0
#define RS_READY_IMAGE 1

#define RS_BOOT_MAGIC RS_U64(0x706f6373676e6972) /* "ringscop" */
#define RS_BOOT_VERSION 2
#define RS_BOOT_MODULES_MAX 16
#define RS_BOOT_NAME_MAX 32
#define RS_BOOT_COMMAND_LINE_MAX 2048
/* Flags. */
#define RS_BOOT_KVA_SHADOW 0x1 /* ring 3 runs without kernel space in its page tables */
#define RS_BOOT_READY 0x2      /* write to RS_PORT_READY */
#define RS_BOOT_RESIDENT 0x4   /* the program's first pages are in memory before it begins */

/* Offset of stamps_gpa in struct rs_boot_info, with stamps_size behind it: for assembler. */
#define RS_BOOT_INFO_STAMPS 0xb70

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/* A file that the VMM put into guest memory, by its base name. */
struct rs_boot_module {
    uint64_t gpa;                /* page-aligned; zero-filled to the end of its last page */
    uint64_t size;               /* bytes */
    char name[RS_BOOT_NAME_MAX]; /* NUL-terminated, cut if longer */
};

/* A virtio block device behind MMIO registers, version 2, with one queue. */
struct rs_boot_disk {
    uint64_t gpa;  /* of its registers; 0: there is none */
    uint64_t size; /* bytes of the disk */
    uint32_t gsi;  /* IOAPIC input, active high while the interrupt status is not 0 */
    uint32_t reserved;
};

/* Fills one page at RS_GPA_BOOT_INFO. All IN for the guest. */
struct rs_boot_info {
    uint64_t magic;
    uint32_t version;
    uint32_t size;          /* bytes of this structure */
    uint64_t memory_size;   /* bytes of RAM from GPA 0 */
    uint64_t free_gpa;      /* first byte of RAM that nothing was loaded into, page-aligned */
    uint64_t tsc_hz;        /* guest TSC frequency; 0 when the host does not know it */
    uint64_t apic_timer_hz; /* LAPIC timer input frequency, before the divider */
    uint64_t boot_time;     /* 100 ns units since 1601-01-01 UTC, at boot_tsc */
    uint64_t boot_tsc;      /* guest TSC when boot_time was read */
    /* Their local APICs have the IDs 0 to cpu_count - 1; the first one runs. */
    uint32_t cpu_count;
    uint32_t module_count;      /* entries used in modules[] */
    uint32_t program;           /* index in modules[] of the program to start */
    uint32_t command_line_size; /* bytes of command_line in use */
    struct rs_boot_disk pagefile;
    struct rs_boot_module modules[RS_BOOT_MODULES_MAX];
    /* argv of the program: NUL-terminated strings one after another, the program's name first. */
    char command_line[RS_BOOT_COMMAND_LINE_MAX];
    uint64_t flags;       /* RS_BOOT_* */
    uint64_t stamps_gpa;  /* struct rs_stamps, page-aligned; 0: there is none */
    uint64_t stamps_size; /* bytes, whole pages */
};

_Static_assert(offsetof(struct rs_boot_info, stamps_gpa) == RS_BOOT_INFO_STAMPS,
               "as assembler has it");
_Static_assert(sizeof(struct rs_boot_info) <= PAGE_SIZE, "the boot information fills one page");

#endif
#endif
