#!/bin/sh
# Bad input, to every program and however it is started: one line of ours, from rank 0 alone, a
# documented status (2 usage, 3 the pool), and nobody left waiting.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"

cd "$work" || exit 1
mkdir tree
echo text >tree/file

# one_complaint STATUS PATTERN NAME COMMAND...: nothing on stdout, one line of NAME's on stderr.
one_complaint() {
    complaint_status=$1 complaint_pattern=$2 complaint_name=$3
    shift 3
    status "$complaint_status" timeout -s KILL 30 "$@" >out 2>err </dev/null || {
        cat out err
        return 1
    }
    [ ! -s out ] || { cat out; return 1; }
    grep "$complaint_name: " err >ours
    one_line ours "$complaint_pattern" || { cat err; return 1; }
}

# complaints WAY NAME ARGUMENT COMMAND...: all that every program refuses, started in this way.
complaints() {
    way=$1 name=$2 argument=$3
    shift 3
    [ -x "$bin/$name" ] || return 0
    for bad in "--no-such-option no-such" "--workers=0 workers" "--workers=-1 workers" \
        "--workers=x workers" "--workers= workers" "--workers=1e3 workers" \
        "--workers=99999999999999999999 workers" "--backend=nonsense backend" \
        "--backend= backend" "--places=nonsense places" "--places=list:x place|list" \
        "--bind=nonsense bind" "--reserve=nonsense reserve" \
        "--oversubscribe=nonsense oversubscribe" "--driver=nonsense driver" "-c0 cpus-per-task" \
        "--cpus-per-task=-3 cpus-per-task" "--grace=-1 grace" "--open-timeout=nan timeout" \
        "--progress=nonsense progress"; do
        case $way,$name,${bad% *} in
        np*,hello,--workers=[0-]* | np*,hello,--places=* | np*,*,--no-such-option) ;;
        np*) continue ;; # it costs half a second each
        esac
        # shellcheck disable=SC2086 # an empty word must vanish
        check "$way, $name: ${bad% *}" one_complaint 2 "${bad##* }" "$name" "$@" "$bin/$name" \
            "${bad% *}" $argument
    done
}
for program in "hello" "checksum tree" "wordcount tree" "ep S" "mandelbrot -o picture.png" \
    "montecarlo --paths=100" "collatz 1 10" "pi_fortran"; do
    argument=${program#* }
    [ "$argument" != "$program" ] || argument=
    complaints "alone" "${program%% *}" "$argument"
    # shellcheck disable=SC2086 # an empty word must vanish
    [ -z "$mpirun" ] ||
        complaints "np 3" "${program%% *}" "$argument" "$mpirun" $oversubscribe -np 3
done

# ---- The environment
# environments WAY COMMAND...
environments() {
    way=$1
    shift
    for bad in WORKERS=x WORKERS=0 WORKERS=-1 BACKEND=nonsense PLACES=nonsense BIND=nonsense \
        RESERVE=nonsense OVERSUBSCRIBE=nonsense CPUS_PER_TASK=0 DRIVER=nonsense GRACE=x \
        OPEN_TIMEOUT=-1 PROGRESS=nonsense; do
        case $way$bad in np*[SDE]=nonsense | np*=0 | np*=-1) continue ;; esac
        check "$way: PINFOLD_$bad" one_complaint 2 . hello env "PINFOLD_$bad" "$@"
    done
}
environments "alone" "$bin/hello"
[ -z "$mpirun" ] || {
    # shellcheck disable=SC2086 # an empty word must vanish
    environments "np 3" "$mpirun" $oversubscribe -np 3 "$bin/hello"
}
check "an empty PINFOLD_ variable is none" env PINFOLD_WORKERS= PINFOLD_BACKEND= "$bin/hello"

# ---- Who says so
# A launcher kills all when one fails, and rank 0 may not have spoken by then.
cat >one_rank <<'EOF'
#!/bin/sh
# one_rank COMMAND...: runs it, and leaves its status in a file of the rank's.
"$@"
echo $? >"status.${OMPI_COMM_WORLD_RANK:-$PMI_RANK}"
EOF
chmod +x one_rank
# only_rank_0 COMMAND...: of three ranks it alone fails.
only_rank_0() {
    rm -f status.?
    # shellcheck disable=SC2086 # an empty word must vanish
    timeout -s KILL 30 "$mpirun" $oversubscribe -np 3 ./one_rank "$@" >out 2>err </dev/null
    [ "$(cat status.0 status.1 status.2 | tr '\n' ' ')" = "2 0 0 " ] && return 0
    tail out err status.?
    return 1
}
if [ -n "$mpirun" ]; then
    check "np 3, hello: rank 0 alone fails" only_rank_0 "$bin/hello" --workers=0
    check "np 3, topo: rank 0 alone fails" only_rank_0 "$bin/pinfold" topo --workers=0
    check "np 3, topo: rank 0 alone fails where there are not places enough" \
        only_rank_0 "$bin/pinfold" topo --places list:0 --oversubscribe error
fi

# ---- More workers than places
check "more workers than places" one_complaint 2 'place' hello \
    "$bin/hello" --workers 4000 --oversubscribe error
check "more workers than places, from the environment" one_complaint 2 'place' hello \
    env PINFOLD_WORKERS=4000 PINFOLD_OVERSUBSCRIBE=error "$bin/hello"
if [ -n "$mpirun" ]; then
    # shellcheck disable=SC2086 # an empty word must vanish
    check "more ranks than places" one_complaint 2 'place' hello \
        "$mpirun" $oversubscribe -np 3 "$bin/hello" --places list:0 --oversubscribe error
    # shellcheck disable=SC2086 # an empty word must vanish
    check "one rank, and driver = only" one_complaint 2 'driver' hello \
        "$mpirun" $oversubscribe -np 1 "$bin/hello" --driver only
else
    check "a backend that this build has not" one_complaint 3 'MPI' hello \
        "$bin/hello" --backend mpi
fi

# ---- Surroundings
# works COMMAND...: as if nothing were.
works() {
    timeout -s KILL 60 "$@" >out 2>err </dev/null || { cat out err; return 1; }
    [ "$(tail -n 1 out)" = "squares: 1 4 9 16" ] && [ ! -s err ]
}
mkdir readonly
chmod 555 readonly
in_readonly() {
    (cd readonly && exec timeout -s KILL 60 "$@") >out 2>err </dev/null || { cat out err; return 1; }
    [ "$(tail -n 1 out)" = "squares: 1 4 9 16" ] && [ ! -s err ]
}
if [ "$(id -u)" -ne 0 ]; then
    somebody="env"
else # root writes everywhere
    somebody="setpriv --reuid=65534 --regid=65534 --clear-groups"
    chmod 755 "$work"
    cp "$bin/hello" "$work/hello"
fi
hello=$bin/hello
[ ! -x "$work/hello" ] || hello=$work/hello
check "HOME is not set" works env -u HOME "$hello"
check "no environment at all" works env -i "$hello"
# shellcheck disable=SC2086 # words
if $somebody true 2>/dev/null; then
    check "in a directory that cannot be written to" in_readonly $somebody "$hello"
    check "the same, HOME is not set" in_readonly env -u HOME $somebody "$hello"
else
    skip "in a directory that cannot be written to" "cannot run as somebody else"
fi
check "in a directory that is gone" sh -c 'mkdir gone && cd gone && rmdir ../gone && exec "$1"' - "$hello"
if [ -n "$mpirun" ]; then
    # shellcheck disable=SC2086 # an empty word must vanish
    check "np 3: HOME is not set" works env -u HOME "$mpirun" $oversubscribe -np 3 "$hello" \
        --oversubscribe allow
    # shellcheck disable=SC2086 # an empty word must vanish
    check "np 3: in a directory that cannot be written to" in_readonly \
        "$mpirun" $oversubscribe -np 3 "$hello" --oversubscribe allow
fi
closed() {
    timeout -s KILL 60 "$hello" <&- 2>err >out && [ "$(tail -n 1 out)" = "squares: 1 4 9 16" ]
}
check "standard input is closed" closed
all_closed() {
    timeout -s KILL 60 "$hello" <&- >&- 2>&-
    status=$?
    [ $status -eq 1 ]
}
check "all is closed: the output is lost, and that is its status" all_closed

# ---- Options that are fine
check "the last of two counts" sh -c '[ "$("$1" --workers 2 --workers=1 | grep -c ^worker)" -eq 1 ]' - "$hello"
check "what is behind -- is no option" one_complaint 2 . ep "$bin/ep" -- --workers=0

done_testing
