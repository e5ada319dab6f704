#!/bin/sh
# --progress: a line on a terminal, silence in a pipe, and what was asked for where it was asked for.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:=.}/tests/lib.sh"

steps=$top_builddir/tests/cli/steps
unset PINFOLD_PROGRESS PINFOLD_LOG COLUMNS
PINFOLD_WORKERS=1
export PINFOLD_WORKERS
escape=$(printf '\033')
return=$(printf '\r')

# silent COMMAND...: not a byte on stderr, in a pipe.
silent() {
    { "$@" 2>&1 >&3 | cat >"$work/err"; } 3>"$work/out"
    cat "$work/out" "$work/err"
    [ -s "$work/out" ] && [ ! -s "$work/err" ]
}
check "in a pipe it is silent" silent "$steps" 3 250
check "auto in a pipe is silent" silent "$steps" --progress=auto 3 250
check "never is silent" silent "$steps" --progress=never 3 1

# last_line COMMAND...: in a pipe there is one line, with no control characters, that says all.
last_line() {
    { "$@" 2>&1 >/dev/null | cat >"$work/err"; }
    cat -v "$work/err"
    one_line "$work/err" '^steps  100%  3/3 done  [0-9.]+( k)?/s  0:0[0-9]$'
}
check "always in a pipe: a line when all is done" last_line "$steps" --progress=always 3 10
check "the option by itself is always" last_line "$steps" --progress 3 10
check "so says the environment" last_line env PINFOLD_PROGRESS=always "$steps" 3 10
check "the command line wins" silent env PINFOLD_PROGRESS=always "$steps" --progress=never 3 10
check "an empty variable is none" silent env PINFOLD_PROGRESS= "$steps" 3 10
operand() {
    [ "$("$steps" --progress 2 10 2>/dev/null)" = 2 ]
}
check "the word behind the option is not its value" operand
wrong() { complains 2 steps "$@"; }
check "nonsense is one line and status 2" \
    wrong "--progress 'sometimes': not one of auto.always.never" "$steps" --progress=sometimes
check "no word is one line and status 2" wrong "--progress ''" "$steps" --progress=
check "nonsense in the environment is one line and status 2" \
    wrong "PINFOLD_PROGRESS 'sometimes'" env PINFOLD_PROGRESS=sometimes "$steps"

if [ -n "$mpirun" ]; then
    # What the launcher says is its own.
    silent_ranks() {
        mpi 2 "$steps" --oversubscribe allow 3 250 >"$work/out" 2>"$work/err"
        cat "$work/out" "$work/err"
        [ "$(cat "$work/out")" = 3 ] && ! grep steps "$work/err"
    }
    check "np 2: in a pipe it is silent" silent_ranks
    # Rank 0 alone has the variable.
    cat >"$work/zero" <<'END'
#!/bin/sh
[ "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" != 0 ] || export PINFOLD_PROGRESS=always
exec "$@"
END
    chmod +x "$work/zero"
    said_once() {
        mpi 2 "$@" 2>"$work/err" >"$work/out"
        cat "$work/out" "$work/err"
        [ "$(grep -c '^steps  100%  3/3 done' "$work/err")" -eq 1 ] && [ "$(cat "$work/out")" = 3 ]
    }
    check "np 2: always is a line of rank 0" \
        said_once "$steps" --oversubscribe allow --progress=always 3 10
    check "np 2: it is the driver's alone, and ranks need not agree" \
        said_once "$work/zero" "$steps" --oversubscribe allow 3 10
else
    skip "under mpirun" "no MPI, or no mpirun"
fi

# ---- On a terminal
if ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    skip "on a terminal" "no script(1) that takes -qec"
    done_testing
fi
TERM=xterm
export TERM
# terminal TEXT...: runs a line of shell on a terminal; what it saw goes to $work/seen, and a line for
# each time that the cursor was sent back or on, without the control characters, to $work/lines.
terminal() {
    script -qec "$*" /dev/null >"$work/seen" 2>/dev/null </dev/null || return 1
    tr "$return" '\n' <"$work/seen" | sed "s/$escape\[K//g" | grep . >"$work/lines"
    cat -v "$work/seen"
}
quoted="'$(echo "$steps" | sed "s/'/'\\\\''/g")'"

shown() {
    terminal "$quoted 10 150" || return 1
    grep -Eq '^steps  +[0-9]+%  [0-9]/10 done, 1 failed, [01] running  [0-9.]+/s  0:0[0-9] left$' \
        "$work/lines" || return 1
    tail -n 1 "$work/lines" | grep -Eq '^steps  100%  10/10 done, 1 failed  [0-9.]+/s  0:0[0-9]$' &&
        tail -c 2 "$work/seen" | grep -q "$return"
}
check "a line is drawn on a terminal, and one stays" shown
# The program prints its result when the map is over: the line has gone by then.
between() { grep -q "$escape\[K9$return" "$work/seen"; }
check "what the program prints stands by itself" between
log_between() {
    terminal "$quoted --progress=always 20 50 3" || return 1
    grep -q "$return$escape\[Ksteps: the fifth fails$return\$" "$work/seen" &&
        [ "$(grep -c '^steps: the fifth fails$' "$work/lines")" -eq 3 ] &&
        [ "$(grep -c '^steps  100%' "$work/lines")" -eq 1 ]
}
check "a log line comes between, and is whole" log_between
narrow() {
    terminal "stty cols 30; $quoted 10 150" || return 1
    grep -E '^steps  +[0-9]+%.*(running|don|fa|r)' "$work/lines" | grep -v '100%' >"$work/drawn"
    [ -s "$work/drawn" ] && ! grep -E '^.{30}' "$work/drawn"
}
check "it is cut to the terminal's width" narrow
# plain TEXT...: on a terminal there is nothing that only a terminal understands.
plain() {
    terminal "$*" && [ -s "$work/seen" ] && ! grep -q "$escape" "$work/seen"
}
nothing_else() { [ "$(cat "$work/lines")" = 3 ]; }
# On a busy machine it may take its half a second all the same; then it says so.
no_flash() {
    terminal "$quoted 3 1" || return 1
    nothing_else || ! tail -n 1 "$work/lines" | grep ' 0:00$'
}
check "what takes no time shows nothing" no_flash
check "never on a terminal is silent" plain "$quoted --progress=never 3 300"
check "but for its output" nothing_else
check "a terminal that cannot go back is as a pipe" plain "TERM=dumb $quoted 3 300"
check "but for its output, again" nothing_else
redirected() {
    terminal "$quoted 3 300 2>'$work/err'" && [ ! -s "$work/err" ]
}
check "stderr that goes elsewhere is as a pipe" redirected
done_testing
