#!/bin/sh
# Ranks that do not run the same thing: one message, from rank 0, and an end.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"
need_mpi

cat >"$work/one_rank" <<'EOF'
#!/bin/sh
# one_rank RANK WORD COMMAND...: on this rank WORD is put into the environment, if it is
# VARIABLE=VALUE, or is run instead.
rank=$1 word=$2
shift 2
if [ "${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-}}" = "$rank" ]; then
    case $word in
    *=*) export "${word?}" ;;
    *) shift && exec "$word" none "$@" ;;
    esac
fi
exec "$@"
EOF
chmod +x "$work/one_rank"

# differs PATTERN RANK WORD: not 0, one line of rank 0's that has the pattern, nothing on stdout.
differs() {
    # shellcheck disable=SC2086 # an empty word must vanish
    ends 30 "$mpirun" $oversubscribe -np 3 "$work/one_rank" "$2" "$3" "$bin/hello" "$mark" || return 1
    gone 10 || return 1
    [ "$ended" -ne 0 ] || { echo "status 0"; return 1; }
    [ ! -s "$work/out" ] || { cat "$work/out"; return 1; }
    ours hello "$1"
}
for rank in 0 1 2; do
    named=$rank
    [ $rank -gt 0 ] || named="[12]" # whom rank 0 hears first
    check "another option on rank $rank" differs "rank $named on .*grace" $rank PINFOLD_GRACE=5
    check "another number of workers on rank $rank" \
        differs "rank $named on .*workers" $rank PINFOLD_WORKERS=1
    check "a value that makes no sense on rank $rank" \
        differs "rank $named on .*PINFOLD_WORKERS 'x'" $rank PINFOLD_WORKERS=x
    check "a word that makes no sense on rank $rank" \
        differs "rank $named on .*nonsense" $rank PINFOLD_PLACES=nonsense
    for backend in inline processes; do
        check "another backend on rank $rank: $backend" \
            differs "rank $named on .*backend" $rank PINFOLD_BACKEND=$backend
    done
done
check "another program on rank 2" differs "rank 2 on .*executable" 2 "$fault"

# A rank that never comes: MPI_Init has no end of its own.
cat >"$work/idle" <<'EOF'
#!/bin/sh
echo $$ >"${0%/*}/idler"
exec sleep 300
EOF
chmod +x "$work/idle"
idler_is_gone() {
    ! kill -0 "$(cat "$work/idler")" 2>/dev/null
}
never_comes() {
    # shellcheck disable=SC2086 # an empty word must vanish
    PINFOLD_OPEN_TIMEOUT=2 ends 60 "$mpirun" $oversubscribe -np 2 "$work/one_rank" 1 "$work/idle" \
        "$bin/hello" "$mark" || return 1
    gone 10 && within 10 idler_is_gone || return 1
    # A launcher may say something there too, that it ended what was left: MPICH's does, at times.
    ! grep '^worker ' "$work/out" || return 1
    [ "$ended" -ne 0 ] && ours hello "MPI_Init waits .*open-timeout"
}
check "a rank that never comes: one line, and an end" never_comes

# The launcher of another MPI: each rank finds itself alone.
for other in mpirun.openmpi mpirun.mpich; do
    other_path=$(command -v $other) || continue
    [ "$(readlink -f "$other_path")" != "$(readlink -f "$(command -v "$mpirun")")" ] || continue
    stranger() {
        ends 30 "$other_path" -np 2 "$bin/hello" "$mark" && gone 10 || return 1
        [ "$ended" -ne 0 ] && [ ! -s "$work/out" ] && ours hello "another MPI"
    }
    check "$other, of another MPI" stranger
done

done_testing
