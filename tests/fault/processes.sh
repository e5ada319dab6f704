#!/bin/sh
# Local processes: whoever is killed, nobody is left, nothing hangs, and no more is lost than has
# to be.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"

set -- --backend processes --workers 3 --oversubscribe allow "$mark"

# killed SIGNAL TARGET: the driver ($pid), or its group (-$pid).
killed() {
    : >"$work/out"
    setsid "$fault" "${mode:-spin}" "$@" >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    within 20 started 4 || return 1
    [ "$(left | wc -l)" -ge 5 ] || { echo "too few processes"; return 1; }
}
signalled() {
    signal=$1 group=$2
    shift 2
    killed "$@" || return 1
    named
    [ ! -s "$work/named" ] || { cat "$work/named"; return 1; }
    kill "-$signal" "$group$pid"
    wait "$pid"
    echo "status $?"
    gone 5
}
check "behaviour 22: the driver is killed: no process is left, nor was there memory by name" \
    signalled KILL "" "$@"
check "behaviour 22: the driver is terminated" signalled TERM "" "$@"
check "Ctrl-C goes to the group" signalled INT - "$@"
check "Ctrl-\\ goes to the group" signalled QUIT - "$@"

mode=daemons
check "what tasks had started in sessions of their own goes with a driver that is killed" \
    signalled KILL "" "$@"
mode=spin

# said STATUS LINE...: the mode ended so, and said all of this.
said() {
    said_status=$1
    shift
    [ "$ended" -eq "$said_status" ] || { echo "status $ended"; cat "$work/out" "$work/err"; return 1; }
    for line; do
        grep -Eq "$line" "$work/out" || { echo "no '$line':"; cat "$work/out" "$work/err"; return 1; }
    done
    [ ! -s "$work/err" ] || { cat "$work/err"; return 1; }
    gone 5
}
segfaults() {
    ends 60 "$fault" segfaults "$@" && said 0 '^map -202 .*signal 11' '^wrong 0$'
}
check "1,000 segmentation faults in one map: exactly these fail" segfaults "$@"
losses() {
    FAULT_ITEMS=1000 ends 60 "$fault" losses "$@" && said 0 '^map -20[0-9] ' '^wrong 0 of 1000$'
}
if memory_is_limited; then
    check "every way to die in one map: each item has its cause, all others are right" \
        losses --memory-limit 64M "$@"
else
    check "every way to die but for want of memory: each item has its cause" losses "$@"
fi
zygotes() {
    ends 60 "$fault" zygotes "$@" && said 0 '^killed [234][0-9] wrong 0$'
}
check "zygotes are killed: nothing is lost" zygotes "$@"
nursery() {
    ends 20 "$fault" "$@" && said 0 '^map -404 .*gone' '^close -404' '^promptly 1$' '^map 0$'
}
check "the nursery is killed: the pool is broken, the next one is not" nursery nursery "$@"
check "the same in the middle of a map" nursery from-task "$@"
hang() {
    # Its grace counts from the end of its map: there may be little left of it.
    ends 30 "$fault" hang --grace 1 "$@" && said 0 '^timeout -104' '^next 0$' '^close 0 after [0-3] s'
}
check "a task never returns: the others go on, close kills it" hang "$@"
leave() {
    ends 20 "$fault" leave "$@" && said 0
}
check "the driver exits with its pool open" leave "$@"

# ---- Limits
# limited LIMIT COMMAND...: it works, or says why it does not, in one line.
limited() {
    limit=$1
    shift
    ends 20 sh -c "ulimit $limit && exec \"\$@\"" - "$@" || return 1
    case $ended in
    0) [ ! -s "$work/err" ] ;;
    3) one_line "$work/err" '^hello: ' ;;
    127) one_line "$work/err" 'while loading shared libraries' ;; # it did not come to main
    *) cat "$work/err"; return 1 ;;
    esac
}
for limit in "-n 6" "-n 8" "-n 10" "-n 12" "-n 16" "-n 20" "-v 40000" "-v 60000" "-v 200000"; do
    check "ulimit $limit: it works, or says why not" limited "$limit" "$bin/hello"
done
few_descriptors() {
    ends 20 sh -c 'ulimit -n 20 && exec "$@"' - "$bin/hello" --workers 50 --oversubscribe allow &&
        [ "$ended" -eq 3 ] && ours hello 'open files|descriptors'
}
check "50 workers and 20 descriptors: that is said" few_descriptors
many_workers() {
    ends 60 "$bin/hello" --workers 400 --oversubscribe allow &&
        [ "$(grep -c '^worker ' "$work/out")" -eq 400 ]
}
check "400 workers" many_workers

done_testing
