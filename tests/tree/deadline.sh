#!/bin/sh
# tests/deadline itself: what it lets pass, and what it does not.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 60
. "${top_srcdir:-.}/tests/lib.sh"
unset PINFOLD_TEST_PATIENCE # what hangs here is to be ended in the time that it says

# runs STATUS LINE: deadline runs the script on stdin, ends with this status, and the last line of
# its output is this one. Its time is no measure: each of these is over within its own deadline.
runs() {
    { echo '#!/bin/sh'; cat; } >"$work/test"
    chmod +x "$work/test"
    "$top_builddir/tests/deadline" "$work/test" >"$work/out" 2>&1
    ended=$?
    cat "$work/out"
    [ "$ended" -eq "$1" ] && [ "$(tail -n 1 "$work/out")" = "$2" ]
}
sound() { runs 0 'ok 1 - a' <<'END'
echo 1..1; echo 'ok 1 - a'
END
}
check "a test that passes, passes" sound
fails() { runs 1 'not ok 1 - a' <<'END'
echo 1..1; echo 'not ok 1 - a'; exit 1
END
}
check "one that fails is left to speak for itself" fails
status_alone() { runs 1 'Bail out! exited with status 3' <<'END'
echo 1..1; echo 'ok 1 - a'; exit 3
END
}
check "a status that no result explains is an error" status_alone
signal() { runs 1 'Bail out! killed by signal 11' <<'END'
echo 1..1; echo 'ok 1 - a'; kill -SEGV $$
END
}
check "so is a signal" signal
bails() { runs 1 'Bail out! enough' <<'END'
echo 'Bail out! enough'; exit 9
END
}
check "a test that bails out is not called back" bails
no_newline() { runs 0 'ok 1 - a' <<'END'
echo 1..1; printf 'ok 1 - a'
END
}
check "a last line without an end is a line" no_newline
cmocka() { runs 0 'ok 2 - b # SKIP' <<'END'
echo 1..2; echo 'ok 1 - a'; echo 'not ok 2 # SKIP b'
END
}
check "a skip in cmocka's words is a skip" cmocka
left() { runs 1 'Bail out! left processes behind' <<'END'
echo 1..1; echo 'ok 1 - a'; setsid sh -c 'sleep 600; :' & exit 0
END
}
check "a process left behind, in a session of its own, is found" left
named() { grep -q '^# left behind: [0-9]* (child of [0-9]*) sleep 600' "$work/out"; }
check "and named" named
late() { runs 0 'ok 2 - the child' <<'END'
echo 1..2; echo 'ok 1 - a'; (trap '' HUP; sleep 0.3; echo 'ok 2 - the child') & exit 0
END
}
check "one that goes by itself, at once, is not" late
hangs() { runs 1 'Bail out! over its deadline of 1 s' <<'END'
# deadline: 1
echo 1..1; setsid sleep 600 & trap '' TERM; sleep 600; sleep 600
END
}
check "a test that hangs and does not listen is ended" hangs
nobody_left() {
    for environ in /proc/[0-9]*/environ; do
        tr '\0' '\n' <"$environ" 2>/dev/null | grep -q "^PINFOLD_TEST_MARK=$work\$" || continue
        environ=${environ%/environ}
        [ "$(tr '\0' ' ' <"$environ/cmdline")" != "sleep 600 " ] || { echo "${environ#/proc/}"; return 1; }
    done
}
PINFOLD_TEST_MARK=$work
export PINFOLD_TEST_MARK
check "a second one that hangs is ended too" hangs
check "and none of its processes is left" nobody_left
clean() { runs 0 'ok 1 - a' <<'END'
echo 1..1
[ -z "$PINFOLD_WORKERS$SLURM_JOB_ID$OMPI_COMM_WORLD_RANK" ] && echo 'ok 1 - a'
END
}
PINFOLD_WORKERS=7 SLURM_JOB_ID=7 OMPI_COMM_WORLD_RANK=7
export PINFOLD_WORKERS SLURM_JOB_ID OMPI_COMM_WORLD_RANK
check "what surrounds the tests does not reach them" clean
done_testing
