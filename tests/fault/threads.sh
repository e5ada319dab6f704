#!/bin/sh
# Threads: one that does not come back costs close a warning and its code, and nobody hangs.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"

set -- --backend threads --workers 3 --oversubscribe allow "$mark"

hang() {
    ends 30 "$@" || return 1
    [ "$ended" -eq 0 ] && grep -q '^timeout -104' "$work/out" && grep -q '^next 0$' "$work/out" &&
        grep -Eq '^close -405 after [123] s' "$work/out" &&
        ours fault 'warning: worker 2 .*does not come back from its task' && gone 5 && return 0
    cat "$work/out" "$work/err"
    return 1
}
check "a task never returns: the others go on, close says so, the end is reached" \
    hang "$fault" hang --grace 1 "$@"
leave() {
    ends 20 "$fault" leave "$@" && [ "$ended" -eq 0 ] && [ ! -s "$work/err" ] && gone 5
}
check "behaviour 22: the driver exits with its pool open" leave "$@"
exits() {
    ends 20 "$fault" exit "$@" && [ "$ended" -eq 7 ] && gone 5 && return 0
    echo "status $ended"
    cat "$work/out" "$work/err"
    return 1
}
check "a task calls exit: that is the end of the process, with its status" exits "$@"
crash() {
    ends 20 "$fault" segfaults "$@" && [ "$ended" -gt 128 ] && gone 5
}
check "a task crashes: that is the end of the process" crash "$@"
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
for limit in "-n 4" "-n 8" "-n 20" "-v 100000" "-v 200000"; do
    check "ulimit $limit: it works, or says why not" \
        limited "$limit" "$bin/hello" --backend threads --workers 40 --oversubscribe allow
done
many_workers() {
    ends 60 "$bin/hello" --backend threads --workers 400 --oversubscribe allow &&
        [ "$(grep -c '^worker ' "$work/out")" -eq 400 ]
}
check "400 workers" many_workers

if [ -n "$mpirun" ]; then
    # shellcheck disable=SC2086 # an empty word must vanish
    check "the same under a launcher, where the other rank has no part in it" \
        hang "$mpirun" $oversubscribe -np 2 "$fault" hang --grace 1 "$@"
else
    skip "the same under a launcher" "built without MPI"
fi

done_testing
