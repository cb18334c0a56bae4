/* SPDX-License-Identifier: MIT
 * The system calls of each role: the one table of what ringscope does while a guest runs. */
#ifndef RINGSCOPE_SANDBOX_CALLS_H
#define RINGSCOPE_SANDBOX_CALLS_H

/*
 * X(call): allowed whatever its arguments are. Whoever adds a call to a thread's path adds it here;
 * forgetting it ends the first run that makes it with the call's name.
 */

/* Every thread: time, locks, signals that have come, its own end. */
#define RS_SANDBOX_CALLS_COMMON(X)                                                                 \
    X(clock_gettime) /* where the vDSO cannot answer */                                            \
    X(clock_nanosleep)                                                                             \
    X(exit)                                                                                        \
    X(futex)                                                                                       \
    X(getpid) /* abort(), pthread_kill() */                                                        \
    X(gettid)                                                                                      \
    X(madvise) /* a thread's stack, when it ends */                                                \
    X(munmap)                                                                                      \
    X(nanosleep)                                                                                   \
    X(restart_syscall)                                                                             \
    X(rt_sigprocmask)                                                                              \
    X(rt_sigreturn)                                                                                \
    X(sched_yield)                                                                                 \
    X(write) /* waking the main thread; trace and console */

/* The paging file is read and written in the exit of its notification. */
#define RS_SANDBOX_CALLS_VCPU(X)                                                                   \
    X(fdatasync)                                                                                   \
    X(pread64)                                                                                     \
    X(pwrite64)

/* What the vCPU thread asks of KVM. The list stands in its filter where the thread shares its
 * descriptors, and in --sandbox=strict. A thread with descriptors of its own may make any ioctl of
 * them: a call that a filter allows whatever its arguments are costs no run of it. */
#define RS_SANDBOX_IOCTLS_VCPU(X)                                                                  \
    X(KVM_RUN)                                                                                     \
    X(KVM_GET_DEBUGREGS)                                                                           \
    X(KVM_GET_MSRS)                                                                                \
    X(KVM_GET_REGS)                                                                                \
    X(KVM_GET_SREGS)                                                                               \
    X(KVM_SET_DEBUGREGS)   /* a #DB that a hook has kept from the guest */                         \
    X(KVM_SET_GUEST_DEBUG) /* hooks by INT3 and breakpoints */                                     \
    X(KVM_SET_MSRS)                                                                                \
    X(KVM_IRQ_LINE)                                                                                \
    X(KVM_NMI)                                                                                     \
    X(KVM_X86_SETUP_MCE) /* a guest asks for a machine check */                                    \
    X(KVM_X86_SET_MCE)

/* Writing out what has happened, memory for it, and the end of the process. */
#define RS_SANDBOX_CALLS_SESSION(X)                                                                \
    X(brk)                                                                                         \
    X(close)                                                                                       \
    X(exit_group)                                                                                  \
    X(fcntl)                                                                                       \
    X(fdatasync)                                                                                   \
    X(fstat)                                                                                       \
    X(fsync)                                                                                       \
    X(ftruncate)                                                                                   \
    X(getrandom)                                                                                   \
    X(gettimeofday)                                                                                \
    X(lseek)                                                                                       \
    X(mremap)                                                                                      \
    X(poll)                                                                                        \
    X(ppoll)                                                                                       \
    X(pread64)                                                                                     \
    X(pwrite64)                                                                                    \
    X(read)                                                                                        \
    X(rt_sigaction)                                                                                \
    X(rt_sigtimedwait)                                                                             \
    X(sysinfo) /* qsort() asks how much memory there is */                                         \
    X(uname)                                                                                       \
    X(writev)

#define RS_SANDBOX_IOCTLS_SESSION(X)                                                               \
    RS_SANDBOX_IOCTLS_VCPU(X)                                                                      \
    X(TCGETS)                                                                                      \
    X(TIOCGWINSZ)

/*
 * A worker of a test suite makes machines as long as there are tests, and runs most of them on its
 * one thread; a thread of its own for a vCPU has the filter of a vCPU beside this one. /dev/kvm is
 * open before.
 */
#define RS_SANDBOX_CALLS_WORKER(X)                                                                 \
    X(close_range) /* a vCPU thread leaves what is not its own */                                  \
    X(eventfd2)                                                                                    \
    X(memfd_create) /* a machine's paging file */                                                  \
    X(rseq)         /* this one and the next two: a thread begins */                               \
    X(sched_getaffinity)                                                                           \
    X(set_robust_list)                                                                             \
    X(setitimer)

#define RS_SANDBOX_IOCTLS_WORKER(X)                                                                \
    RS_SANDBOX_IOCTLS_VCPU(X)                                                                      \
    X(KVM_CHECK_EXTENSION)                                                                         \
    X(KVM_CLEAR_DIRTY_LOG)                                                                         \
    X(KVM_CREATE_IRQCHIP)                                                                          \
    X(KVM_CREATE_VCPU)                                                                             \
    X(KVM_CREATE_VM)                                                                               \
    X(KVM_ENABLE_CAP)                                                                              \
    X(KVM_GET_CLOCK)                                                                               \
    X(KVM_GET_DEBUGREGS)                                                                           \
    X(KVM_GET_DEVICE_ATTR)                                                                         \
    X(KVM_GET_DIRTY_LOG)                                                                           \
    X(KVM_GET_IRQCHIP)                                                                             \
    X(KVM_GET_LAPIC)                                                                               \
    X(KVM_GET_MP_STATE)                                                                            \
    X(KVM_GET_MSR_INDEX_LIST)                                                                      \
    X(KVM_GET_PIT2)                                                                                \
    X(KVM_GET_SUPPORTED_CPUID)                                                                     \
    X(KVM_GET_TSC_KHZ)                                                                             \
    X(KVM_GET_VCPU_EVENTS)                                                                         \
    X(KVM_GET_VCPU_MMAP_SIZE)                                                                      \
    X(KVM_GET_XCRS)                                                                                \
    X(KVM_GET_XSAVE)                                                                               \
    X(KVM_GET_XSAVE2)                                                                              \
    X(KVM_SET_CLOCK)                                                                               \
    X(KVM_SET_CPUID2)                                                                              \
    X(KVM_SET_DEBUGREGS)                                                                           \
    X(KVM_SET_DEVICE_ATTR)                                                                         \
    X(KVM_SET_FPU)                                                                                 \
    X(KVM_SET_GUEST_DEBUG)                                                                         \
    X(KVM_SET_IDENTITY_MAP_ADDR)                                                                   \
    X(KVM_SET_IRQCHIP)                                                                             \
    X(KVM_SET_LAPIC)                                                                               \
    X(KVM_SET_MP_STATE)                                                                            \
    X(KVM_SET_PIT2)                                                                                \
    X(KVM_SET_REGS)                                                                                \
    X(KVM_SET_SREGS)                                                                               \
    X(KVM_SET_TSS_ADDR)                                                                            \
    X(KVM_SET_USER_MEMORY_REGION)                                                                  \
    X(KVM_SET_VCPU_EVENTS)                                                                         \
    X(KVM_SET_XCRS)                                                                                \
    X(KVM_SET_XSAVE)                                                                               \
    X(KVM_X86_GET_MCE_CAP_SUPPORTED)                                                               \
    X(KVM_X86_SET_MSR_FILTER)

/* The channel to the emulated machine, and the end of QEMU. */
#define RS_SANDBOX_CALLS_RELAY(X)                                                                  \
    X(getpgrp)                                                                                     \
    X(kill)                                                                                        \
    X(recvfrom)                                                                                    \
    X(sendto)                                                                                      \
    X(wait4)

#define RS_SANDBOX_IOCTLS_RELAY(X)                                                                 \
    X(TCGETS)                                                                                      \
    X(TIOCGPGRP)

/*
 * A library may look for a file by its name where a function of ringscope's would not: libdw for
 * the debug files that an image names, libc for time zones. The main thread is told that it may
 * not.
 */
#define RS_SANDBOX_CALLS_REFUSED(X)                                                                \
    X(access)                                                                                      \
    X(faccessat)                                                                                   \
    X(faccessat2)                                                                                  \
    X(lstat)                                                                                       \
    X(open)                                                                                        \
    X(openat)                                                                                      \
    X(openat2)                                                                                     \
    X(readlink)                                                                                    \
    X(readlinkat)                                                                                  \
    X(stat)                                                                                        \
    X(statx)

/* Under a sanitizer: its memory, its reports, and looking for leaks at the end. */
#define RS_SANDBOX_CALLS_SANITIZER(X)                                                              \
    X(clone)                                                                                       \
    X(close)                                                                                       \
    X(exit_group)                                                                                  \
    X(getdents64)                                                                                  \
    X(getppid)                                                                                     \
    X(mmap)                                                                                        \
    X(mprotect)                                                                                    \
    X(prctl)                                                                                       \
    X(process_vm_readv)                                                                            \
    X(ptrace)                                                                                      \
    X(read)                                                                                        \
    X(sched_getaffinity)                                                                           \
    X(sigaltstack)                                                                                 \
    X(wait4)                                                                                       \
    X(writev)

#endif
