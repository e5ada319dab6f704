#!/bin/sh
# The template of a Slurm job: what it does with USR1, and with the status of its program. sbatch is
# played by its environment, scontrol by a script; the program, its launcher and the signals are real.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"
template=$top_srcdir/scripts/slurm/job.sbatch
gate=$top_builddir/tests/cli/gate
folder=$work/gate
SLURM_JOB_ID=77 PINFOLD_LOG=debug
export SLURM_JOB_ID PINFOLD_LOG
unset SLURM_RESTART_COUNT SLURM_JOB_END_TIME PINFOLD_SIGNALS PINFOLD_DEADLINE

mkdir "$work/bin"
cat >"$work/bin/scontrol" <<'END'
#!/bin/sh
echo "$*" >>"$SCONTROL_SAW"
END
chmod +x "$work/bin/scontrol"
SCONTROL_SAW=$work/saw
export SCONTROL_SAW
PATH=$work/bin:$PATH
cd "$work" || bail "no folder"

# quoted WORD...: as a shell reads them.
quoted() {
    for word; do
        printf "'%s' " "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
    done
}
# job_of COMMAND...: the template, with this as what is run.
job_of() {
    awk -v command="set -- $(quoted "$@")" '
        /^set -- srun --mpi=pmix / { print command; n++; next } { print }
        END { exit n != 1 }' "$template" >job
}
until_is() {
    until_end=$(($(date +%s) + 60))
    until "$@"; do
        [ "$(date +%s)" -lt "$until_end" ] || { echo "in vain: $*"; cat log; return 1; }
        sleep 0.02
    done
}
begun() { [ "$(find "$folder" -name 'begun.*' | wc -l)" -ge "$1" ]; }

# ended_early SHELL: the script alone is told, as by --signal=B:USR1.
ended_early() {
    rm -rf "$folder" "$SCONTROL_SAW" log
    mkdir "$folder"
    "$1" job >log 2>&1 </dev/null &
    job=$!
    until_is begun 2 || return 1
    kill -USR1 "$job"
    until_is grep -q 'nothing more is begun' log || return 1
    : >"$folder/open"
    wait "$job"
    [ $? -eq 0 ] && one_line "$SCONTROL_SAW" '^requeue 77$' &&
        grep -q 'job 77 ended early, and is queued again' log && ! begun 3 || { cat log; return 1; }
}
# requeued SHELL: the same job goes on, and is done.
requeued() {
    rm -f "$SCONTROL_SAW"
    SLURM_RESTART_COUNT=1 status 0 "$1" job >>log 2>&1 </dev/null || { cat log; return 1; }
    [ ! -e "$SCONTROL_SAW" ] && tail -n 1 log | grep -qx 20 && begun 20 || { cat log; return 1; }
}
given_up() {
    mkdir "$folder.2"
    SLURM_RESTART_COUNT=100 status 102 sh job >log 2>&1 </dev/null && [ ! -e "$SCONTROL_SAW" ] ||
        { cat log; return 1; }
}
passes() {
    job_of sh -c "$2"
    rm -f "$SCONTROL_SAW"
    status "$1" sh job >log 2>&1 && [ ! -e "$SCONTROL_SAW" ] || { cat log; return 1; }
}

for shell in sh bash; do
    command -v "$shell" >/dev/null || { skip "$shell: the job" "no $shell"; continue; }
    job_of env PINFOLD_WORKERS=2 "$gate" --oversubscribe allow "$folder" 20
    check "$shell: USR1 to the script ends the program, and the job is queued again" \
        ended_early "$shell"
    check "$shell: which then goes on where it left off" requeued "$shell"
done
if [ -n "$mpirun" ]; then
    # shellcheck disable=SC2086 # an empty word must vanish
    job_of "$mpirun" $oversubscribe -np 2 "$gate" --oversubscribe allow "$folder" 20
    check "mpirun: USR1 to the script ends the job" ended_early sh
    check "mpirun: which then goes on where it left off" requeued sh
else
    skip "mpirun: USR1 to the script ends the job" "no MPI, or no mpirun"
fi
job_of env PINFOLD_WORKERS=1 PINFOLD_DEADLINE=2 PINFOLD_DEADLINE_MARGIN=1 "$gate" "$folder.2" 20
check "a job that was queued too often is not queued again" given_up
check "success is success" passes 0 'exit 0'
check "failure is the program's own" passes 3 'exit 3'
check "so is death" passes 137 'kill -9 $$'
check "and a program that is not there" passes 127 'no-such-program'
done_testing
