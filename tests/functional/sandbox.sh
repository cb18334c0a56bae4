#!/bin/sh
# SPDX-License-Identifier: MIT
# The sandbox: what a running ringscope has given up, and what happens to a thread that wants it back.
. "$(dirname "$0")/lib.sh"
begin=$(date +%s)
need_host "$host"
patience=$((100 + 20 * ($(date +%s) - begin))) # tenths of a second: a host may boot a machine first

run run --host "$host" --sandbox=maybe hello
check 'a value that --sandbox does not take' status_is 125
run run --host "$host" --user nobody-of-this-name hello
check 'a user that does not exist' status_is 125
check 'is named' err_has "nobody-of-this-name': no such user"
run run --host "$host" --user 0 hello
check 'root as --user gives nothing up' status_is 125

for mode in off on; do
    run run --host "$host" --sandbox="$mode" hello
    check "--sandbox=$mode runs the guest" out_is 'Hello from ring 3\n'
done

# Strict takes a kernel with Landlock; which this one is, it says itself.
run run --host "$host" --sandbox=strict hello
if [ "$status" = 119 ]; then
    strict='does not run'
    check '--sandbox=strict without Landlock runs no guest, and says why' err_has 'no Landlock'
else
    strict=runs
    check '--sandbox=strict runs the guest' out_is 'Hello from ring 3\n'
fi


# await_filters PID: until each of its threads has its filter; the main thread makes the others first.
await_filters() {
    for _ in $(seq "$patience"); do
        cat /proc/"$1"/task/*/status >"$work/threads" 2>/dev/null || true
        if grep -q '^Seccomp:' "$work/threads" && ! grep '^Seccomp:' "$work/threads" | grep -qv '2$'; then
            break
        fi
        sleep 0.1
    done
}

# watched MODE FILE: the status of each thread of a ringscope that runs a guest.
watched() {
    shift_mode=$1
    shift
    "$RINGSCOPE" run --host "$host" "$@" spin >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    await_filters "$pid"
    cat /proc/"$pid"/task/*/status >"$work/$shift_mode" 2>/dev/null
    cat /proc/"$pid"/limits >>"$work/$shift_mode"
    pgrep -P "$pid" qemu >"$work/qemu" || true
    while read -r child; do
        cat "/proc/$child/status" >"$work/$shift_mode.qemu"
    done <"$work/qemu"
    kill "$pid"
    wait "$pid" || true
}
each() {
    test -s "$1" && test "$(grep -Ec "$2" "$1")" -eq "$(grep -c '^Name:' "$1")"
}

echo 'ringscope run spin' >"$work/command"
watched on
check 'each thread has a filter' each "$work/on" '^Seccomp:.*2'
check 'each thread has no_new_privs' each "$work/on" '^NoNewPrivs:.*1'
check 'no thread has a capability' each "$work/on" '^CapEff:.*0000000000000000'
check 'nor may get one' each "$work/on" '^CapPrm:.*0000000000000000'
check 'no core is dumped' grep -Eq 'Max core file size +0 +0' "$work/on"
if [ "$host" = tcg ]; then
    check 'QEMU has a filter' grep -Eq '^Seccomp:.*2' "$work/on.qemu"
    check 'and no_new_privs' grep -Eq '^NoNewPrivs:.*1' "$work/on.qemu"
    check 'and no capability' grep -Eq '^CapEff:.*0000000000000000' "$work/on.qemu"
    check 'with ringscope it ends' test -z "$(ps -o stat= -p "$(cat "$work/qemu")" | grep -v Z)"
fi
if [ "$(id -u)" = 0 ] && [ "$host" = kvm ]; then
    watched user --user nobody
    check '--user: each thread is that user' each "$work/user" '^Uid:.65534.65534.65534.65534'
    check 'without groups' each "$work/user" '^Groups:[[:space:]]*$'
    check 'nor capabilities in its bounding set' each "$work/user" '^CapBnd:.*0000000000000000'
fi
[ "$host" = kvm ] || {
    finish
    exit
}

# list_files PID: what each vCPU thread has open, a line each: the vCPU's number, and a name. The
# thread that some kernels have for KVM in the process has no descriptors.
list_files() {
    for task in /proc/"$1"/task/*; do
        [ "${task##*/}" != "$1" ] || continue
        find "$task/fd" -type l -exec readlink {} + 2>/dev/null | sort >"$work/list"
        vcpu=$(sed -n 's/^anon_inode:kvm-vcpu://p' "$work/list" | tr '\n' ' ')
        sed "s/^/$vcpu/" "$work/list"
    done | sort >"$work/out"
}
# own_files PID: the same, of one that is in its sandbox.
own_files() {
    await_filters "$1"
    list_files "$1"
}
# has_files PAGEFILE VCPUS: the table of each of them is what the documentation says.
has_files() {
    for vcpu in $(seq 0 $(($2 - 1))); do
        printf "$vcpu %s\n" 'anon_inode:[eventfd]' anon_inode:kvm-vm anon_inode:kvm-vcpu:"$vcpu"
        [ -z "$1" ] || echo "$vcpu $1"
    done | sort >"$work/expected"
    diff "$work/expected" "$work/out"
}
ended() {
    kill "$1" 2>/dev/null || true
    wait "$2" || true
}
nameless='/memfd:ringscope-pagefile (deleted)'

echo 'ringscope run spin, from a file into a file' >"$work/command"
echo >"$work/input"
"$RINGSCOPE" run --host kvm --cpus 2 spin <"$work/input" >"$work/console" 2>"$work/err" &
pid=$!
own_files "$pid"
check 'files: a vCPU thread has its vCPU, the VM, its waker and the paging file' has_files "$nameless" 2
ended "$pid" "$pid"

echo 'ringscope run --sandbox=off spin' >"$work/command"
"$RINGSCOPE" run --host kvm --sandbox=off --cpus 2 spin <"$work/input" >"$work/console" 2>"$work/err" &
pid=$!
for _ in $(seq 100); do
    list_files "$pid"
    has_files "$nameless" 2 >/dev/null && break
    sleep 0.1
done
check 'files: without a sandbox, too' has_files "$nameless" 2
ended "$pid" "$pid"

echo 'ringscope record spin, pipes, and a descriptor that it did not ask for' >"$work/command"
mkfifo "$work/fifo"
"$RINGSCOPE" record --host kvm -o "$work/piped.ctf" --pagefile none spin <>"$work/fifo" >&0 2>&0 9<&0 &
pid=$!
own_files "$pid"
check 'pipes, a trace: a vCPU thread has nothing of them' has_files '' 1
ended "$pid" "$pid"

echo 'ringscope trace spin, on a terminal' >"$work/command"
script -qec "exec '$RINGSCOPE' trace --host kvm --pagefile '$work/pages' -o '$work/lines' spin" "$work/typescript" \
    </dev/null >/dev/null 2>&1 &
terminal=$!
for _ in $(seq 100); do
    pid=$(pgrep -P "$terminal" -x ringscope) && break
    sleep 0.1
done
own_files "${pid:-0}"
check 'a terminal: a vCPU thread has nothing of it' has_files "$work/pages" 1
check 'while the main thread has' sh -c "readlink /proc/${pid:-0}/fd/0 | grep -q '^/dev/pts/'"
ended "${pid:-0}" "$terminal"

# violated CALL THREAD [VCPUS [MODE]]: CALL in the middle of a session.
violated() {
    status=0
    rm -rf "$work/trace.ctf"
    "$VIOLATE" "$1" "$2" "$work/trace.ctf" "${3:-1}" "${4:-on}" >"$work/out" 2>"$work/err" </dev/null || status=$?
    echo "violate $1 $2" >"$work/command"
}
# The event that the thread was about to report is lost, and said to be.
readable() {
    babeltrace2 "$work/trace.ctf" >"$work/bt" 2>"$work/bt.err" &&
        ! grep -v "discarded 1 event" "$work/bt.err" &&
        "$RINGSCOPE" report "$work/trace.ctf" >"$work/report" 2>&1
}

for call in open openat socket execve ptrace clone kill mmap int80; do
    violated "$call" vcpu
    name=$call
    [ "$call" != int80 ] || name='of the 32-bit interface'
    check "a vCPU thread that tries $call is stopped" status_is 117
    check 'and reported' err_has "stopped a vCPU thread at the system call $name \("
    check 'its trace can be read' readable
    check 'and says how it ended' grep -q 'STOP:.*code = .*SANDBOX' "$work/bt"
done
# An ioctl of a vCPU thread: with descriptors of its own it finds nothing; strict looks at the request.
for vcpus in 1 2; do
    violated foreign-ioctls vcpu "$vcpus"
    check "a vCPU thread that tries ioctls of all that it does not use ($vcpus vCPUs) goes on" status_is 0
    check 'and reaches nothing' err_has 'of 61 descriptors 0 are there'
    check 'its trace can be read' readable
done
violated foreign-ioctls main
check 'a main thread that tries them is stopped' status_is 117
check 'and reported' err_has 'stopped it at the system call ioctl,'
if [ "$strict" = runs ]; then
    violated ioctl vcpu 1 strict
    check 'strict: a vCPU thread that tries ioctl is stopped' status_is 117
    check 'and reported' err_has 'stopped a vCPU thread at the system call ioctl \('
fi
violated execve vcpu 4
check 'one of four vCPU threads that tries execve is stopped, and the others with it' status_is 117
check 'and reported' err_has 'stopped a vCPU thread at the system call execve \('
check 'its trace can be read' readable
for call in socket execve ptrace clone kill ioctl mmap; do
    violated "$call" main
    check "a main thread that tries $call is stopped" status_is 117
    check 'and reported' err_has "stopped it at the system call $call,"
    check 'its trace can be read' readable
done
violated open main
check 'a library that looks for a file by its name is told no, and the run goes on' status_is 122

# A worker of ringscope test: the second of three tests makes the call, the others go on.
stopped_at() {
    test "$(wc -l <"$work/out")" -eq 3 && sed -n 1p "$work/out" | grep -qx 'pass ' &&
        sed -n 2p "$work/out" | grep -Eq "^error its sandbox stopped its worker at the system call $1 \\(" &&
        sed -n 3p "$work/out" | grep -qx 'pass '
}
for thread in worker vcpu; do
    for call in socket execve ptrace clone kill type mmap int80; do
        status=0
        "$VIOLATE_WORKER" "$call" $thread >"$work/out" 2>"$work/err" </dev/null || status=$?
        echo "violate_worker $call $thread" >"$work/command"
        name=$call
        [ "$call" != int80 ] || name='of the 32-bit interface'
        [ "$call" != type ] || name=ioctl
        check "a worker whose $thread thread tries $call is stopped, and its test alone" stopped_at "$name"
    done
done
"$VIOLATE_WORKER" foreign-files vcpu >"$work/out" 2>"$work/err" </dev/null || true
check 'a vCPU thread of a worker has no descriptor but its own: not the socket for results' \
    sh -c "sed -n 2p '$work/out' | grep -qx 'pass of 509 descriptors 0 are there'"
for call in open ioctl; do
    "$VIOLATE_WORKER" "$call" vcpu >"$work/out" 2>"$work/err" </dev/null || true
    check "its vCPU threads may less than itself: $call" stopped_at "$call"
    "$VIOLATE_WORKER" "$call" worker >"$work/out" 2>"$work/err" </dev/null || true
    check "and a worker's own thread goes on after it: $call" test "$(grep -cx 'pass ' "$work/out")" -eq 3
done
finish
