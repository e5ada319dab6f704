#!/bin/sh
# Jobs that end early: by a signal, to the program or to its launcher, or by their deadline.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 240
. "${top_srcdir:=.}/tests/lib.sh"
gate=$top_builddir/tests/cli/gate
PINFOLD_LOG=debug # the driver says when it begins nothing more
export PINFOLD_LOG
unset PINFOLD_SIGNALS PINFOLD_DEADLINE PINFOLD_DEADLINE_MARGIN SLURM_JOB_ID SLURM_JOB_END_TIME

# until_is COMMAND...: waits until it succeeds; a minute at most.
until_is() {
    until_end=$(($(date +%s) + 60))
    until "$@"; do
        [ "$(date +%s)" -lt "$until_end" ] || { echo "in vain: $*"; cat err; return 1; }
        sleep 0.02
    done
}
begun() { [ "$(find "$folder" -name 'begun.*' | wc -l)" -ge "$1" ]; }
done_() { find "$folder" -name 'done.*' | wc -l; }
said() { grep -q "$1" err; }

# start COMMAND...: in a folder of its own, with a folder for the gate; its pid is $job.
start() {
    rm -rf "$work/job"
    mkdir -p "$work/job/gate"
    cd "$work/job" || return 1
    folder=$work/job/gate
    : >err
    "$@" >out 2>err </dev/null &
    job=$!
}
# ended STATUS: it does, with this one.
ended() {
    wait "$job"
    ended_with=$?
    [ "$ended_with" -eq "$1" ] || { echo "status $ended_with, not $1"; cat err; return 1; }
}

# USR2 is answered by one line, and all goes on; USR1 ends it: what runs is finished, and no more.
# signalled WORKERS COMMAND...: `gate FOLDER 40` is added to the command.
signalled() {
    signalled_n=$1
    shift
    start "$@" "$gate" --oversubscribe allow "$work/job/gate" 40 "$command"
    until_is begun "$signalled_n" || return 1
    kill -USR2 "$job"
    until_is said '^gate .* 0/40 done, ' || return 1
    kill -USR1 "$job"
    until_is said 'nothing more is begun' || return 1
    : >"$folder/open"
    ended 102 || return 1
    [ "$(grep -c '^gate .*% .* done' err)" -eq 1 ] &&
        [ "$(grep -c 'nothing more is begun' err)" -eq 1 ] &&
        grep -q "gate: map: the job ends early, with $(cat out) of 40 items done or failed" err &&
        [ "$(done_)" -eq "$(cat out)" ] && ! begun $((signalled_n + 1)) ||
        { cat out err; ls "$folder"; return 1; }
    # Again, it goes on where it left off, and has nothing against signals.
    "$@" "$gate" --oversubscribe allow "$folder" 40 >out 2>err && [ "$(cat out)" = 40 ] ||
        { cat err; return 1; }
}
# What a task starts has the signals as they are by default, and gets them.
command='sh -c "kill -USR1 \$\$"; [ $? -eq 138 ] && grep -q "^SigBlk:.0*$" /proc/self/status &&
    grep -q "^SigIgn:.*[0145]..$" /proc/self/status'
for n in 1 2; do
    check "$n processes: USR2 is a line, USR1 the end" signalled $n env PINFOLD_WORKERS=$n
done

# Every process of a job gets it: Slurm does that. The session is the job's: driver, nursery, workers.
to_session() {
    to_session_n=0
    for stat in /proc/[0-9]*/stat; do
        # shellcheck disable=SC2046 # words
        set -- "$1" $(sed 's/.*) //' "$stat" 2>/dev/null)
        [ "${5-}" = "$job" ] || continue
        stat=${stat#/proc/}
        kill "$1" "${stat%/stat}" || return 1
        to_session_n=$((to_session_n + 1))
    done
    [ "$to_session_n" -ge 4 ] || { echo "only $to_session_n processes"; return 1; }
}
to_all() {
    start env PINFOLD_WORKERS=2 setsid "$gate" --oversubscribe allow "$work/job/gate" 40
    until_is begun 2 || return 1
    to_session -USR2 || return 1
    until_is said '^gate .* 0/40 done, ' || return 1
    to_session -USR1 || return 1
    until_is said 'nothing more is begun' || return 1
    : >"$folder/open"
    ended 102 && ! grep -q 'signal' err || { cat err; return 1; }
}
check "signals to all processes of a job do no more" to_all

opted_out() {
    start env PINFOLD_WORKERS=1 "$gate" --signals none "$work/job/gate" 40
    until_is begun 1 || return 1
    kill -USR1 "$job"
    ended 138
}
check "without the option USR1 kills, as it does by default" opted_out

# ---- The deadline
# Two begin, and would never be done.
deadline() {
    start env PINFOLD_WORKERS=2 "$@" "$gate" --oversubscribe allow "$work/job/gate" 40
    ended 102 && [ "$(cat out)" = 0 ] && begun 2 && ! begun 3 && grep -q '0 of 40 items' err ||
        { cat out err; return 1; }
}
check "at its deadline the job ends" deadline env PINFOLD_DEADLINE=4 PINFOLD_DEADLINE_MARGIN=3
mkdir "$work/slurm"
cat >"$work/slurm/squeue" <<'END'
#!/bin/sh
echo "$*" >>"$SQUEUE_SAW"
date -d '+6 seconds' +%Y-%m-%dT%H:%M:%S
END
chmod +x "$work/slurm/squeue"
SQUEUE_SAW=$work/slurm/saw
export SQUEUE_SAW
slurm_ends() {
    deadline env SLURM_JOB_ID=77 SLURM_JOB_END_TIME=$(($(date +%s) + 6)) PINFOLD_DEADLINE_MARGIN=4
}
check "by default that is when Slurm says" slurm_ends
check "or squeue" deadline env PATH="$work/slurm:$PATH" SLURM_JOB_ID=77 PINFOLD_DEADLINE_MARGIN=4
check "which is asked once" one_line "$work/slurm/saw" '^-h -j 77 -o %e$'


# ---- What an example says
priced() {
    cd "$work" && PINFOLD_LOG='' complains 102 montecarlo \
        'ended early: [0-9]+ of [0-9]+ blocks of paths done; run it again$' \
        "$bin/montecarlo" --paths 1000000000 --workers 1 --deadline 3 --deadline-margin 2
}
if [ -x "$bin/montecarlo" ]; then
    check "montecarlo says how far it came" priced
else
    skip "montecarlo says how far it came" "built without Random123"
fi
summed() {
    cd "$work" && mkdir -p files && echo a >files/a && echo b >files/b || return 1
    PINFOLD_LOG='' status 102 "$bin/checksum" --workers 1 --deadline @1 files >out 2>err
    [ $? -eq 0 ] && [ ! -s out ] && one_line err '0 of 2 items' || { cat out err; return 1; }
}
if [ -x "$bin/checksum" ]; then
    check "so does checksum" summed
else
    skip "so does checksum" "built without libcrypto"
fi

# ---- Under a launcher
if [ -n "$mpirun" ]; then
    for np in 1 3; do
        # shellcheck disable=SC2086 # an empty word must vanish
        check "np $np: USR2 to mpirun is a line, USR1 the end" \
            signalled $np "$mpirun" $oversubscribe -np $np
    done
    rm "$work/slurm/saw"
    mpi_deadline() {
        # shellcheck disable=SC2086 # an empty word must vanish
        start "$mpirun" $oversubscribe -np 2 env PATH="$work/slurm:$PATH" SLURM_JOB_ID=77 "$gate" \
            --oversubscribe allow --deadline-margin 4 "$work/job/gate" 40
        ended 102 && grep -q '0 of 40 items' err || { cat out err; return 1; }
    }
    check "np 2: the deadline is the job's" mpi_deadline
    check "np 2: squeue is asked by one rank" one_line "$work/slurm/saw" '^-h -j 77 -o %e$'
else
    skip "under mpirun" "no MPI, or no mpirun"
fi
done_testing
