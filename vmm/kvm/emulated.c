/* SPDX-License-Identifier: MIT
 * Whether this machine's processor is a program. */
#include "kvm_host.h"

#include <cpuid.h>
#include <stdint.h>
#include <string.h>
#include <x86intrin.h>

#define CPUID_1_ECX_HYPERVISOR (1u << 31)
#define TRIES 20

/* QEMU's TCG says so. */
static bool tells_tcg(void)
{
    unsigned eax, signature[3];

    __cpuid(1, eax, signature[0], signature[1], signature[2]);
    if (!(signature[1] & CPUID_1_ECX_HYPERVISOR))
        return false;
    __cpuid(0x40000000, eax, signature[0], signature[1], signature[2]);
    return memcmp(signature, "TCGTCGTCGTCG", sizeof(signature)) == 0;
}

/* The least of some tries: a task that came between is in none of them, or in few. */
static uint64_t least(uint64_t (*ticks)(void))
{
    uint64_t best = UINT64_MAX;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t now = ticks();

        best = now < best ? now : best;
    }
    return best;
}

static uint64_t ticks_of_nops(void)
{
    uint64_t begin = __rdtsc();

    __asm__ volatile(".fill 200, 1, 0x90");
    return __rdtsc() - begin;
}

/* Each needs what the one before has left. */
static uint64_t ticks_of_divisions(void)
{
    uint64_t begin = __rdtsc(), low = 1, high = 0;

    __asm__ volatile(".rept 200\n\tdivq %2\n\t.endr" : "+a"(low), "+d"(high) : "r"(UINT64_C(3)));
    return __rdtsc() - begin;
}

/* A clock that goes on by one for each instruction, as Bochs's does, cannot tell a division from
 * nothing at all. A processor takes ten times as long and more. */
static bool counts_instructions(void)
{
    return least(ticks_of_divisions) < 2 * least(ticks_of_nops);
}

bool rs_kvm_host_is_emulated(void)
{
    return tells_tcg() || counts_instructions();
}
