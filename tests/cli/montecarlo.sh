#!/bin/sh
# montecarlo: a known price, and the same bytes under every way to start it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"

montecarlo=$bin/montecarlo
[ -x "$montecarlo" ] || skip_all "built without Random123"
cd "$work" || exit 1

# ---- The same bytes --------------------------------------------------------------------------
# What a program written apart, in Python, with its libm, makes of the same random numbers. Two
# blocks of paths are full, the third is not.
cat >expected <<'EXPECTED'
Asian call: spot 90, strike 95, rate 0.03, volatility 0.35, years 2, steps 12
3000 paths, seed 7

average                           price standard error
arithmetic                    10.464362       0.353653
arithmetic, controlled         9.857111       0.029897
geometric                      9.390739       0.320120
geometric, by formula          8.839092

geometric off by 1.72 standard errors
EXPECTED
terms="--spot 90 --strike 95 --rate .03 --volatility .35 --years 2 --steps 12 --seed 7 --paths 3000"

# same EXPECTED COMMAND...: these bytes, and nothing else is said.
same() {
    same_as=$1
    shift
    "$@" >out 2>err || { cat out err; return 1; }
    [ ! -s err ] || { cat err; return 1; }
    diff "$same_as" out
}
# shellcheck disable=SC2086 # words
check "inline, what it is known to be" same expected "$montecarlo" --backend inline $terms

# More blocks than any number of workers, so that who walks what differs from run to run.
many="--paths 70000 --steps 16 --seed 18446744073709551615"
# shellcheck disable=SC2086 # words
"$montecarlo" --backend inline $many >many || bail "a run of many paths failed"
for terms in "$terms" "$many"; do
    case $terms in
    "$many") as=many name="many paths" ;;
    *) as=expected name="few paths" ;;
    esac
    # shellcheck disable=SC2086 # words
    {
        check "$name: without a launcher, the same bytes" same $as "$montecarlo" $terms
        for n in 1 2 3; do
            check "$name: $n workers, the same bytes" \
                same $as "$montecarlo" --workers $n --oversubscribe allow $terms
        done
        [ -n "$mpirun" ] || skip "$name: under mpirun" "built without MPI"
        for np in ${mpirun:+1 2 3}; do
            check "$name: np $np, the same bytes" \
                same $as mpi $np "$montecarlo" --oversubscribe allow $terms
        done
    }
done

# ---- What it comes to ------------------------------------------------------------------------
# field NAME COLUMN: of the last output.
field() {
    sed -n "s/^$1  *//p" out | awk -v column="$2" '{ print $column }'
}
# within A B LIMIT...
within() {
    awk -v a="$1" -v b="$2" -v limit="$3" 'BEGIN { exit !(a - b <= limit && b - a <= limit) }'
}
# agrees OPTION...: the geometric one is its formula's to four standard errors; the arithmetic mean
# is above the geometric, and its control better than none.
agrees() {
    "$montecarlo" --paths 20000 "$@" >out || return 1
    cat out
    formula=$(field "geometric, by formula" 1)
    within "$(field geometric 1)" "$formula" \
        "$(awk -v error="$(field geometric 2)" 'BEGIN { print 4 * error }')" || return 1
    awk -v a="$(field "arithmetic, controlled" 1)" -v g="$formula" \
        -v with="$(field "arithmetic, controlled" 2)" -v without="$(field arithmetic 2)" \
        'BEGIN { exit !(a > g && with < without / 5) }'
}
check "the defaults agree with the formula" agrees
for seed in 2 3 4; do
    check "so does seed $seed" agrees --seed $seed --steps 8
done
check "in the money" agrees --strike 60
check "out of it" agrees --strike 120
check "with a negative rate" agrees --rate -0.1
check "much volatility" agrees --volatility 0.8 --steps 250 --paths 5000
check "for a long time" agrees --years 10

# An average of one price is the price: then all three are Black and Scholes' European call.
european() {
    "$montecarlo" --steps 1 --paths 1000 >out || return 1
    cat out
    [ "$(field "geometric, by formula" 1)" = 10.450584 ] &&
        [ "$(field "arithmetic, controlled" 1)" = 10.450584 ] &&
        [ "$(field "arithmetic, controlled" 2)" = 0.000000 ]
}
check "of one step it is the European call" european
check "what never pays costs nothing" \
    sh -c '"$1" --paths 100 --strike 1e6 | grep -qx "all paths paid the same"' - "$montecarlo"
differ() {
    "$montecarlo" --paths 1000 --seed 1 >one && "$montecarlo" --paths 1000 --seed 2 >other &&
        ! cmp -s one other
}
check "another seed is another answer" differ
check "the extremes are numbers too" sh -c '! "$1" --paths 100 --steps 2 --spot 1e6 --strike .01 \
    --volatility 2 --years 50 --rate .5 | grep -Eiq "nan|inf"' - "$montecarlo"

# ---- Bad usage -------------------------------------------------------------------------------
refused() {
    complains 2 montecarlo "$@"
}
refusals() {
    way=$1
    shift
    check "$way: a word too many" refused 'not nonsense' "$@" "$montecarlo" nonsense
    check "$way: an unknown option" refused no-such "$@" "$montecarlo" --no-such
    check "$way: --paths 0" refused '^montecarlo: --paths .*not 0 ' "$@" "$montecarlo" --paths 0
    check "$way: a bad number of workers" refused workers "$@" "$montecarlo" --workers 0
}
refusals "refused" env
[ -z "$mpirun" ] || refusals "refused, np 3" mpi 3
for bad in "--paths 99" "--paths 1000000001" "--paths -1" "--paths +1000" "--paths 1e3" \
    "--paths 1000.5" "--paths 18446744073709552616" "--paths nonsense" "--paths=" \
    "--steps 0" "--steps 10001" "--steps -1" "--steps 5x" "--steps=" \
    "--seed -1" "--seed 18446744073709551616" "--seed 0x1" "--seed nonsense" "--seed=" \
    "--spot 0" "--spot -1" "--spot nan" "--spot inf" "--spot 2e6" "--spot 1e999" "--spot 5x" \
    "--strike 0" "--strike nonsense" "--strike=" "--rate 0.6" "--rate -0.6" "--rate 5%" \
    "--rate nan" "--volatility 0" "--volatility -0.2" "--volatility 2.1" "--volatility=" \
    "--years 0" "--years 51" "--years nan" "--years="; do
    word=${bad%%[ =]*}
    # shellcheck disable=SC2086 # two words
    check "refused: $bad" refused "^montecarlo: $word wants a number from" "$montecarlo" $bad
done

if [ -n "$mpirun" ]; then
    mpi 3 "$montecarlo" --help >help 2>&1
    "$montecarlo" --help >alone
    check "np 3: --help is printed once" cmp help alone
fi
check "--help shows its own words and Pinfold's" \
    sh -c '"$1" --help | grep -q -- --strike && "$1" --help | grep -q -- --workers' - "$montecarlo"

full() {
    status 1 "$montecarlo" --paths 100 >/dev/full 2>err || { cat err; return 1; }
    one_line err '^montecarlo: standard output: No space left on device$'
}
check "a full disk is one line and status 1" full

done_testing
