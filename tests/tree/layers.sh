#!/bin/sh
# The rule of the rooms, as scripts/check-layers has it.
. "${top_srcdir:-.}/tests/lib.sh"

check "includes point down" "$top_srcdir/scripts/check-layers"

# The check itself: it must see each kind of breach, in a copy of the tree's skeleton.
mkdir -p "$work/tree/scripts" "$work/tree/lib/base" "$work/tree/lib/host" "$work/tree/lib/pool" \
    "$work/tree/lib/port" "$work/tree/lib/work" "$work/tree/lib/attic"
cp "$top_srcdir/scripts/check-layers" "$work/tree/scripts"
sound() {
    echo '#include <stdio.h>' >"$work/tree/lib/pinfold.h"
    printf '#include "pinfold.h"\n#include "config.h"\n' >"$work/tree/lib/base/error.h"
    printf '#include "base/error.h"\n#include <hwloc.h>\n' >"$work/tree/lib/host/place.c"
    printf '#include "work/cell.h"\n#include <mpi.h>\n' >"$work/tree/lib/port/mpi.c"
    printf '#include "host/place.h"\n' >"$work/tree/lib/work/cell.h"
    printf '#include "port/port.h"\n#include "pool/map.h"\n' >"$work/tree/lib/pool/map.c"
}
# breach FILE LINE: is named, with its file, when the line is added to it.
breach() {
    rm -f "$work"/tree/lib/*/*
    sound
    echo "$2" >>"$work/tree/$1"
    "$work/tree/scripts/check-layers" >"$work/out" && { echo "passed"; return 1; }
    grep -q "^$1:[0-9]*: " "$work/out" || { cat "$work/out"; return 1; }
}
sound
check "a sound tree passes" "$work/tree/scripts/check-layers"
check "an arrow up is named" breach lib/base/error.h '#include "pool/map.h"'
check "so is one to a room of the same level" breach lib/work/cell.h '#  include "port/port.h"'
check "and hwloc.h outside of its room" breach lib/pool/map.c '#include <hwloc.h>'
check "and a header below hwloc/" breach lib/pool/map.c '#include <hwloc/linux.h>'
check "and mpi.h in the wrong file of the right room" breach lib/port/port.c '#include <mpi.h>'
check "and a public header that needs an internal one" breach lib/pinfold.h '#include "base/error.h"'
check "and an include without a room" breach lib/pool/map.c '#include "map.h"'
check "and a path out of the rooms" breach lib/pool/map.c '#include "../base/error.h"'
check "and a room that is not in the table" breach lib/attic/x.c '#include "base/error.h"'
done_testing
