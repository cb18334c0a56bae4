/* SPDX-License-Identifier: MIT
 * The guest of the tests with several vCPUs: it starts the others itself, and two of them swap their
 * threads of ring 3 in each system call. */

#include <ringscope/abi.h>
#include <ringscope/x86/msr.h>

/*
 * Entered at _start as <ringscope/abi.h> says, linked at its physical address. Every processor
 *
 *   takes the number that is its APIC id,
 *   raises UDS #UD in ring 0, each skipped by its handler,
 *   writes LINES lines to the console, each with the next number of all of them.
 *
 * Number 1 then halts until number 0 sends it interrupt 40h. Numbers 0 and 1 run a thread of ring 3
 * each. A round of it is a #UD and NtClose(thread << 16 | round). The kernel has both processors
 * swap their threads in each call, and returns the argument: each call returns on the other
 * processor. After ROUNDS of them, and when every processor is through, the machine stops with
 * status 0; with 1 when it has one processor alone.
 *
 * Built with CRASH, number 1 raises a triple fault instead of its #UD. ROUNDS may be given, too.
 *
 * Ring 0 keeps to what interpreters know. The task register tells a processor which one it is; the
 * GS base tells threads apart, and there is no SWAPGS.
 */
#define UD_HANDLER 0x800
#define IPI_HANDLER 0x840
#define VECTOR_UD 6
#define VECTOR_IPI 0x40
#define UDS 8
#define LINES 16
#ifndef ROUNDS
#define ROUNDS 40
#endif
#define NT_CLOSE 0xf
#define END_OF_THREAD 0xffff

#define TRAMPOLINE 0x20000 /* behind the boot page tables; its page is the SIPI's vector */
#define APIC_ID 0x20
#define APIC_EOI 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_ICR 0x300
#define APIC_ICR_HIGH 0x310
#define ICR_INIT_OTHERS 0x000c4500
#define ICR_SIPI_OTHERS (0x000c4600 | TRAMPOLINE >> PAGE_SHIFT)
#define ICR_IPI (0x00004000 | VECTOR_IPI)
#define STAR_HIGH (KGDT64_R0_CODE | (KGDT64_R3_CMCODE | RPL_MASK) << 16)
#define TSS_SHIFT 7
#define STACK_SHIFT 12
#define CPUS 16
#define LARGE_PAGES 2048 /* 4 GiB */

    .text
    .globl _start
    .type _start, @function
_start:
    mov $1, %eax
    cpuid
    shr $16, %ebx
    movzbl %bl, %ebx /* processors in this package */
    cmp $1, %ebx
    je alone
    mov %ebx, cpu_count
    mov $pml4, %eax
    mov %rax, %cr3
    mov $trampoline, %esi
    mov $TRAMPOLINE, %edi
    mov $trampoline_end - trampoline, %ecx
    rep movsb
    lgdt gdt_register
    xor %ecx, %ecx
1:  mov %ecx, %eax /* a descriptor for each TSS: base 23:0, limit, type 9 */
    shl $TSS_SHIFT, %eax
    add $tss, %eax
    mov %ecx, %edi
    shl $4, %edi
    add $gdt + KGDT64_SYS_TSS, %edi
    mov %eax, %edx
    shl $16, %rdx
    mov $0x0000890000000067, %rsi
    or %rsi, %rdx
    mov %rdx, (%rdi)
    mov %ecx, %edx /* RSP0 */
    inc %edx
    shl $STACK_SHIFT, %edx
    add $stacks, %edx
    mov %rdx, TSS64_RSP0(%rax)
    inc %ecx
    cmp $CPUS, %ecx
    jb 1b
    mov $RS_GPA_LAPIC, %edi
    movl $ICR_INIT_OTHERS, APIC_ICR(%rdi)
    movl $ICR_SIPI_OTHERS, APIC_ICR(%rdi)
    jmp common

alone:
    mov $1, %eax
stop:
    outl %eax, $RS_PORT_PROGRAM_EXIT
1:  hlt
    jmp 1b

/* Every processor, in 64-bit mode with the kernel's page tables. */
    .globl common
    .type common, @function
common:
    mov $RS_GPA_LAPIC, %edi
    mov APIC_ID(%rdi), %ebp
    shr $24, %ebp
    lea 1(%rbp), %esp
    shl $STACK_SHIFT, %esp
    add $stacks, %esp
    lidt idt_register
    mov %ebp, %eax
    shl $4, %eax
    add $KGDT64_SYS_TSS, %eax
    ltr %ax
    mov $KGDT64_R0_DATA, %eax
    mov %eax, %ss
    mov $MSR_EFER, %ecx
    rdmsr
    or $EFER_SCE, %eax
    wrmsr
    mov $MSR_STAR, %ecx
    xor %eax, %eax
    mov $STAR_HIGH, %edx
    wrmsr
    mov $MSR_FMASK, %ecx
    mov $RFLAGS_IF, %eax
    xor %edx, %edx
    wrmsr
    mov $MSR_LSTAR, %ecx
    mov $syscall_entry, %eax
    wrmsr
    movl $0x1ff, APIC_SPURIOUS(%rdi) /* the local APIC is enabled */

#ifdef CRASH
    test %ebp, %ebp
    je 1f
    lidt no_idt_register
    ud2
1:
#endif
    mov $UDS, %ebx
1:  ud2
    dec %ebx
    jnz 1b

    mov $LINES, %ebx
2:  call put_line
    dec %ebx
    jnz 2b

    lock incl ready
3:  pause
    mov ready, %eax
    cmp cpu_count, %eax
    jne 3b

    cmp $1, %ebp
    ja done
    je wait_for_ipi
    mov $RS_GPA_LAPIC, %edi
    movl $1 << 24, APIC_ICR_HIGH(%rdi)
    movl $ICR_IPI, APIC_ICR(%rdi)
    jmp run_thread
wait_for_ipi:
    sti
halt:
    hlt
    cli
    cmpl $0, ipis
    je wait_for_ipi
run_thread:
    mov %ebp, %r15d /* the thread's number */
    xor %r14d, %r14d
    mov $thread, %ecx
    mov $RFLAGS_FIXED, %r11d
    jmp to_thread

done:
    lock incl ended
1:  hlt
    jmp 1b
    .size _start, . - _start

/* Console lines in the order of their numbers, whoever writes them. Keeps all but EAX, ECX, EDX. */
    .type put_line, @function
put_line:
    lock btsl $0, console_lock
    pause
    jc put_line
    mov line, %ecx
    incl line
    mov $RS_PORT_COM1, %edx
    mov %ecx, %eax
    shr $4, %eax
    mov digits(%rax), %al
    outb %al, %dx
    mov %ecx, %eax
    and $15, %eax
    mov digits(%rax), %al
    outb %al, %dx
    mov $'\n', %al
    outb %al, %dx
    movl $0, console_lock
    ret
    .size put_line, . - put_line

/* R10 is the argument, R14 the round, R15 the thread. The other processor comes here, too; then both
 * go on with what the other one has left. Barriers are counted, and never reset. */
    .globl syscall_entry
    .type syscall_entry, @function
syscall_entry:
    str %ebp
    sub $KGDT64_SYS_TSS, %ebp
    shr $4, %ebp
    cmp $END_OF_THREAD, %eax
    je thread_ends
    mov %ebp, %edi
    shl $5, %edi
    mov %rcx, left(%rdi)
    mov %r11, left + 8(%rdi)
    mov %r14, left + 16(%rdi)
    mov %r15, left + 24(%rdi)
    mov $1f, %esi
    jmp barrier
1:  xor $32, %edi
    mov left(%rdi), %rcx
    mov left + 8(%rdi), %r11
    mov left + 16(%rdi), %r14
    mov left + 24(%rdi), %r15
    mov $to_thread, %esi
    jmp barrier

/* RCX, R11, R14, R15 are the thread's. */
to_thread:
    mov %rcx, %r12
    mov $MSR_GS_BASE, %ecx
    lea 1(%r15), %eax
    shl $12, %eax
    xor %edx, %edx
    wrmsr
    mov %r12, %rcx
    mov %r15d, %eax
    shl $16, %eax
    or %r14d, %eax
    inc %r14d
    sysretq

/* Goes on at RSI when both processors have come. There is no stack here. */
barrier:
    mov $1, %eax
    lock xadd %eax, barrier_count
    or $1, %eax
1:  pause
    mov barrier_count, %edx
    cmp %eax, %edx
    jbe 1b
    jmp *%rsi

thread_ends:
    lock incl ended
    cmp $0, %ebp
    jne 2f
1:  pause
    mov ended, %eax
    cmp cpu_count, %eax
    jne 1b
    xor %eax, %eax
    jmp stop
2:  hlt
    jmp 2b
    .size syscall_entry, . - syscall_entry

/* Ring 3. */
    .globl thread
    .type thread, @function
thread:
    ud2
    mov %r15d, %r10d
    shl $16, %r10d
    or %r14d, %r10d
    mov $NT_CLOSE, %eax
    syscall
    cmp $ROUNDS, %r14d
    jbe thread
    mov $END_OF_THREAD, %eax
    syscall
    .size thread, . - thread

    .org UD_HANDLER
    .globl ud_handler
    .type ud_handler, @function
ud_handler:
    addq $2, (%rsp)
    iretq
    .size ud_handler, . - ud_handler

    .org IPI_HANDLER
    .globl ipi_handler
    .type ipi_handler, @function
ipi_handler:
    cmpq $halt, (%rsp) /* not all hosts hold it off between STI and HLT: that is over then, too */
    jne 1f
    incq (%rsp)
1:  push %rax
    mov $RS_GPA_LAPIC, %eax
    movl $0, APIC_EOI(%rax)
    lock incl ipis
    pop %rax
    iretq
    .size ipi_handler, . - ipi_handler

/* Copied to TRAMPOLINE: what a SIPI starts in real mode, with CS its page. */
#define AT(label) ((label) - trampoline)
    .code16
trampoline:
    cli
    mov %cs, %ax
    mov %ax, %ds
    lgdtl AT(trampoline_gdt_register)
    mov $pml4, %eax
    mov %eax, %cr3
    mov $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
    mov %eax, %cr4
    mov $MSR_EFER, %ecx
    rdmsr
    or $(EFER_LME | EFER_NXE), %eax
    wrmsr
    mov $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
    mov %eax, %cr0
    ljmpl $KGDT64_R0_CODE, $common
    .balign 4
trampoline_gdt_register:
    .word gdt_end - gdt - 1
    .long gdt
trampoline_end:
    .code64

    .data
    .balign 4096
pml4:
    .quad pdpt + (PTE_P | PTE_W | PTE_U)
    .fill 511, 8, 0
pdpt:
    .quad pd + (PTE_P | PTE_W | PTE_U)
    .quad pd + 0x1000 + (PTE_P | PTE_W | PTE_U)
    .quad pd + 0x2000 + (PTE_P | PTE_W | PTE_U)
    .quad pd + 0x3000 + (PTE_P | PTE_W | PTE_U)
    .fill 508, 8, 0
pd:
    .set page, 0
    .rept LARGE_PAGES
    .quad page + (PTE_P | PTE_W | PTE_U | PTE_PS)
    .set page, page + LARGE_PAGE_SIZE
    .endr
gdt:
    .quad 0, 0
    .quad 0x00209b0000000000 /* KGDT64_R0_CODE */
    .quad 0x0040930000000000 /* KGDT64_R0_DATA */
    .quad 0x00cffb000000ffff /* KGDT64_R3_CMCODE */
    .quad 0x00cff3000000ffff /* KGDT64_R3_DATA */
    .quad 0x0020fb0000000000 /* KGDT64_R3_CODE */
    .quad 0
    .fill CPUS * 2, 8, 0 /* KGDT64_SYS_TSS */
gdt_end:
idt:
    .fill VECTOR_UD * 2, 8, 0
    .word UD_HANDLER, KGDT64_R0_CODE, 0x8e00, RS_GPA_KERNEL >> 16
    .quad 0
    .fill (VECTOR_IPI - VECTOR_UD - 1) * 2, 8, 0
    .word IPI_HANDLER, KGDT64_R0_CODE, 0x8e00, RS_GPA_KERNEL >> 16
    .quad 0
idt_end:
gdt_register:
    .word gdt_end - gdt - 1
    .quad gdt
idt_register:
    .word idt_end - idt - 1
    .quad idt
no_idt_register:
    .word 0
    .quad 0
digits:
    .ascii "0123456789abcdef"
    .balign 64
cpu_count:
    .long 0
ready:
    .long 0
ended:
    .long 0
ipis:
    .long 0
barrier_count:
    .long 0
console_lock:
    .long 0
line:
    .long 0
    .balign 64
left:
    .fill 2 * 4, 8, 0
    .balign 1 << TSS_SHIFT
tss:
    .fill CPUS << TSS_SHIFT, 1, 0
    .balign 4096
stacks:
    .fill CPUS << STACK_SHIFT, 1, 0

    .section .note.GNU-stack, "", @progbits
