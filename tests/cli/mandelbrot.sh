#!/bin/sh
# mandelbrot: the same bytes under every way to start it, and who drew what.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"

mandelbrot=$bin/mandelbrot
colours=$top_builddir/tests/cli/colours
[ -x "$mandelbrot" ] || skip_all "built without libpng"
cd "$work" || exit 1

# ---- The same bytes --------------------------------------------------------------------------
# No side is a multiple of a tile's, and the work is uneven: parts of the set are in it.
view="--size 300x170 --centre -0.7436,0.1318 --zoom 20 --iterations 1000"

# same COMMAND...: nothing is said, and the picture is that of the first run.
same() {
    rm -f picture.png
    # shellcheck disable=SC2086 # words
    "$@" $view -o picture.png >out 2>err || { cat out err; return 1; }
    [ ! -s out ] || { cat out; return 1; }
    [ -e first.png ] || cp picture.png first.png
    cmp first.png picture.png
}
check "inline" same "$mandelbrot" --backend inline
check "without a launcher, the same bytes" same "$mandelbrot"
for n in 1 2 3; do
    check "$n workers, the same bytes" same "$mandelbrot" --workers $n --oversubscribe allow
done
if [ -n "$mpirun" ]; then
    for np in 1 2 3; do
        check "np $np, the same bytes" same mpi $np "$mandelbrot"
    done
else
    skip "under mpirun" "built without MPI"
fi

# is PATTERN OPTION...: libpng reads the picture, and finds this size and number of colours.
is() {
    is_pattern=$1
    shift
    "$mandelbrot" -o is.png "$@" || return 1
    "$colours" is.png >found || return 1
    cat found
    one_line found "^($is_pattern)\$"
}
# shellcheck disable=SC2086 # words
check "it is a picture of that size, in many colours" is '300x170 [0-9]{4,}' $view
check "one pixel is a picture" is '1x1 1' --size 1x1
check "a picture may be a line" is '1000x1 [0-9]+' --size 1000x1
check "or stand on its end" is '1x1000 [0-9]+' --size 1x1000
check "one tile exactly" is '64x64 [0-9]+' --size 64x64
check "one tile and a row and a column" is '65x65 [0-9]+' --size 65x65
check "the set itself is black, and nothing else" is '100x100 1' --size 100x100 --centre 0,0 --zoom 100
check "far outside it is another colour, and hardly changes" \
    is '100x100 [1-9]' --size 100x100 --centre 3,3 --zoom 1e4
check "the deepest zoom" is '100x100 [0-9]+' --size 100x100 --centre -2,0 --zoom 1e12
check "a single iteration" is '100x100 [0-9]+' --size 100x100 --iterations 1
# Each option alone, and with another value.
differ() {
    "$mandelbrot" --size 99x99 "$1" "$2" -o one.png &&
        "$mandelbrot" --size 99x99 "$1" "$3" -o other.png && ! cmp -s one.png other.png
}
check "another centre is another picture" differ --centre -1,0.3 -1,-0.3
check "so is another zoom" differ --zoom 1 1.1
check "so is another number of iterations" differ --iterations 20 40

# ---- Who drew what ---------------------------------------------------------------------------
# Inside of the set all tiles are alike, so that a colour is a worker. There are enough of them
# for each worker to get some: the first ones are handed out before any is done.
inside="--size 320x320 --centre 0,0 --zoom 100 --iterations 200 --show-workers"
# shellcheck disable=SC2086 # words
{
    check "--show-workers: one worker is one tint" is '320x320 1' $inside --workers 1
    for n in 2 3; do
        check "--show-workers: $n workers are $n tints" \
            is "320x320 $n" $inside --workers $n --oversubscribe allow
    done
}
tinted() {
    # shellcheck disable=SC2086 # words
    "$mandelbrot" $view --show-workers -o tinted.png && ! cmp -s first.png tinted.png
}
check "--show-workers is another picture" tinted
if [ -n "$mpirun" ]; then
    ranks_tint() {
        # shellcheck disable=SC2086 # words
        mpi 2 "$mandelbrot" $inside -o ranks.png && "$colours" ranks.png >found &&
            one_line found '^320x320 2$'
    }
    check "--show-workers: np 2 are two tints" ranks_tint
fi

# ---- Where it goes ---------------------------------------------------------------------------
# More than anybody would wait for: that the path is no good must be known before.
endless="--size 4000x4000 --centre 0,0 --zoom 100 --iterations 1000000"

# unwritable PATTERN COMMAND...: status 1 and one line, nothing on stdout.
unwritable() {
    complains 1 mandelbrot "$@"
}
mkdir folder
missing="^mandelbrot: no such/a\\.png: No such file or directory\$"
# shellcheck disable=SC2086 # words
{
    check "a missing folder is known before the work" \
        unwritable "$missing" "$mandelbrot" $endless -o "no such/a.png"
    check "the same inline" \
        unwritable "$missing" "$mandelbrot" --backend inline $endless -o "no such/a.png"
    check "a folder is no file" \
        unwritable '^mandelbrot: folder: Is a directory$' "$mandelbrot" $endless -o folder
    check "a path below a file" unwritable '^mandelbrot: first.png/a: Not a directory$' \
        "$mandelbrot" $endless -o first.png/a
    check "an empty path" \
        unwritable "^mandelbrot: '': No such file or directory\$" "$mandelbrot" $endless -o ''
    [ -z "$mpirun" ] || check "np 3: a missing folder is named once" \
        unwritable "$missing" mpi 3 "$mandelbrot" --oversubscribe allow $endless -o "no such/a.png"
}
full='^mandelbrot: /dev/full: No space left on device$'
check "a full disk is one line and status 1" \
    unwritable "$full" "$mandelbrot" --size 200x200 -o /dev/full
check "a full disk, with little to write" unwritable "$full" "$mandelbrot" --size 1x1 -o /dev/full
[ -z "$mpirun" ] || check "np 2: a full disk is named once" \
    unwritable "$full" mpi 2 "$mandelbrot" --size 200x200 -o /dev/full
check "and the device is still there" test -c /dev/full

# A limit on the size of files is a disk that is full for a file; the signal would end it before.
# shellcheck disable=SC2016 # for the inner shell
check "a file that cannot become whole is one line" \
    unwritable '^mandelbrot: part.png: File too large$' \
    sh -c 'trap "" XFSZ; ulimit -f 8; exec "$@"' - \
    "$mandelbrot" --backend inline --size 400x400 -o part.png
check "and is removed" test ! -e part.png

replaced() {
    echo "what was there before" >there.png
    # shellcheck disable=SC2086 # words
    "$mandelbrot" $view -o there.png && cmp first.png there.png
}
check "a file that is there is replaced" replaced
kept() {
    echo "what was there before" >there.png
    status 2 "$mandelbrot" -o there.png --size 0x0 2>err && grep -q before there.png
}
check "but not by a mistake" kept
piped() {
    # shellcheck disable=SC2086 # words
    "$mandelbrot" $view -o /dev/stdout | cmp first.png -
}
check "a pipe gets the same bytes" piped
fifo() {
    mkfifo fifo && { cat fifo >from-fifo.png & } || return 1
    # shellcheck disable=SC2086 # words
    "$mandelbrot" $view -o fifo && wait && cmp first.png from-fifo.png
}
check "so does a named one" fifo
long_name() {
    # shellcheck disable=SC2086 # words
    "$mandelbrot" $view -o "folder/with a  space" && cmp first.png "folder/with a  space"
}
check "a name with spaces" long_name

# ---- Bad usage -------------------------------------------------------------------------------
rm -f picture.png
refused() {
    complains 2 mandelbrot "$@" && [ ! -e picture.png ]
}
refusals() {
    way=$1
    shift
    check "$way: no file" refused '-o FILE.png' "$@" "$mandelbrot"
    check "$way: a word too many" refused 'not nonsense' "$@" "$mandelbrot" -o picture.png nonsense
    check "$way: an unknown option" refused no-such "$@" "$mandelbrot" -o picture.png --no-such
    check "$way: --size 0x0" refused '--size .*not 0x0' "$@" "$mandelbrot" -o picture.png --size 0x0
    check "$way: a bad number of workers" \
        refused workers "$@" "$mandelbrot" -o picture.png --workers 0
}
refusals "refused" env
[ -z "$mpirun" ] || refusals "refused, np 3" mpi 3
for bad in "--size 100000000x1" "--size 16385x1" "--size 1x0" "--size -1x5" "--size 5x-1" \
    "--size 5" "--size 5x" "--size x5" "--size 5x5x5" "--size 5x5px" "--size nonsense" "--size=" \
    "--size 4294967297x1" "--size 99999999999999999999x1" "--size 1e2x1" "--size +5x5" \
    "--centre nonsense" "--centre 1" "--centre 1," "--centre ,1" "--centre 1,2,3" "--centre 5,0" \
    "--centre nan,0" "--centre 0,inf" "--centre 1;2" "--centre=" \
    "--zoom 0" "--zoom -1" "--zoom nan" "--zoom inf" "--zoom 1e13" "--zoom 1e999" "--zoom 2x" \
    "--zoom nonsense" "--zoom=" \
    "--iterations 0" "--iterations -1" "--iterations 1.5" "--iterations 1000001" \
    "--iterations 18446744073709551617" "--iterations nonsense" "--iterations="; do
    word=${bad%%[ =]*}
    # shellcheck disable=SC2086 # two words
    check "refused: $bad" refused "^mandelbrot: $word wants" "$mandelbrot" -o picture.png $bad
done
check "a negative centre is no option" \
    "$mandelbrot" -o picture.png --size 8x8 --centre -1.5e-1,-.25 --zoom .5

if [ -n "$mpirun" ]; then
    mpi 3 "$mandelbrot" --help >help 2>&1
    "$mandelbrot" --help >alone
    check "np 3: --help is printed once" cmp help alone
fi
check "--help shows its own words and Pinfold's" \
    sh -c '"$1" --help | grep -q -- --zoom && "$1" --help | grep -q -- --workers' - "$mandelbrot"

done_testing
