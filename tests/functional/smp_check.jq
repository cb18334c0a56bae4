# SPDX-License-Identifier: MIT
# What a trace with several vCPUs must have, as JSON lines: jq -s -f smp_check.jq --arg guest NAME FILE
#
# NAME is `kernel`, or `smp`: a trace of tests/guest/smp.S, of which more is known. An error says what is wrong.
# It runs inside the emulated hosts, too, where there is no more than a shell and its commands.

def uds: 8;
def rounds: 40;
def threads: 2;
def half: 2147483648;

def assert(condition; what): if condition then . else error("\(what | tojson)") end;

# A number of the export, which writes hexadecimal ones as strings.
def number:
    if type == "number" then .
    else ltrimstr("0x") | explode
        | reduce .[] as $digit (0; . * 16 + $digit - (if $digit >= 97 then 87 else 48 end))
    end;

# Of each vCPU its events, by their number.
def streams: group_by(.vcpu);

def check_sequences:
    streams[] | map(.sequence) | . as $numbers | assert($numbers == [range(length)]; "sequence numbers");

# How far back the entry is that a return closes: modulo 2^32.
def distance:
    (.entry_distance | number) as $distance
    | if .entry_vcpu != .vcpu and $distance >= half then $distance - 2 * half else $distance end;

# Every return with its entry.
def pairs:
    streams as $streams
    | .[] | select(.kind == "SYSRET" or .kind == "IRET")
    | {event: ., entry: $streams[.entry_vcpu][.sequence - distance]}
    | assert(.entry.kind == .event.entry_kind_name and .entry.ts < .event.ts; .);

# Both processors make calls and take interrupts, and threads move between them.
def check_kernel:
    . as $events
    | ("SYSCALL", "SYSRET", "IRQ", "EXC") as $kind | (0, 1) as $vcpu
    | assert(any($events[]; .kind == $kind and .vcpu == $vcpu); "no \($kind) on vCPU \($vcpu)");

def check_kernel_pairs: assert(any(.[]; .entry.vcpu != .event.vcpu); "no thread has moved");

def count(condition): map(select(condition)) | length;

# Exactly what tests/guest/smp.S does.
def check_guest:
    def ring0_uds(vcpu): count(.kind == "EXC" and (.from_cs | number) % 4 == 0 and .vcpu == vcpu);
    [ring0_uds(0), ring0_uds(1), count(.kind == "EXC" and (.from_cs | number) % 4 == 0),
        count(.kind == "IRQ" and .vcpu == 1), count(.kind == "IRQ")] as $counts
    | assert($counts == [uds, uds, 2 * uds, 1, 1]; $counts);

def check_guest_pair:
    if .event.kind == "SYSRET" then
        assert(.event.vcpu != .entry.vcpu and (.event.code | number) == (.entry.args[0] | number); .)
    else assert(.event.vcpu == .entry.vcpu; .)
    end;

def check_guest_calls:
    [.[].event | select(.kind == "SYSRET").code | number] | unique
    | assert(. == [range(threads) as $thread | range(1; rounds + 1) | $thread * 65536 + .]; .);

map(select(has("sequence"))) | [check_sequences] as $_ | [pairs] as $pairs
| if $guest == "kernel" then check_kernel, ($pairs | check_kernel_pairs)
  else check_guest, ($pairs[] | check_guest_pair), ($pairs | check_guest_calls)
  end
| empty
