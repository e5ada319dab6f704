#!/bin/sh
# Machines of a line of text, with answers written down from the rules, by hand.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:-.}/tests/lib.sh"

# seats MACHINE OPTIONS CPUS...: the CPUs of the workers, in order.
seats() {
    machine=$1 options=$2
    shift 2
    # shellcheck disable=SC2086 # several options
    "$bin/pinfold" topo --topology "$machine" $options --format tsv >"$work/tsv" || return 1
    got=$(sed 1d "$work/tsv" | cut -f 2 | tr '\n' ' ')
    [ "$got" = "$* " ] && return 0
    echo "pinfold topo --topology '$machine' $options"
    echo "wanted: $*"
    echo "got:    $got"
    return 1
}

plain='pack:2 core:2 pu:2'
check "a core's worker has both of its threads" seats "$plain" '' 0,1 2,3 4,5 6,7
check "close takes neighbours" seats "$plain" '--workers 2' 0,1 2,3
check "compact is another word for it" seats "$plain" '--workers 2 --bind compact' 0,1 2,3
check "spread takes packages in turn" seats "$plain" '--bind spread' 0,1 4,5 2,3 6,7
check "threads come in layers" seats "$plain" '--places threads' 0 2 4 6 1 3 5 7
check "and spread in each of them" \
    seats "$plain" '--places threads --bind spread' 0 4 2 6 1 5 3 7
check "a list is taken as it stands" seats "$plain" '--places list:6,7;0;2-3' 6,7 0 2,3
check "a reserved core is nobody's" seats "$plain" '--reserve core' 2,3 4,5 6,7
check "a reserved sibling leaves the first thread" seats "$plain" '--reserve sibling' 0 2,3 4,5 6,7
check "bind none leaves all to all" \
    seats "$plain" '--bind none --workers 2' 0,1,2,3,4,5,6,7 0,1,2,3,4,5,6,7
check "too many wrap where that is allowed" \
    seats "$plain" '--workers 6 --oversubscribe allow' 0,1 2,3 4,5 6,7 0,1 2,3
check "too many are unbound where it is not" \
    seats "pack:1 core:2 pu:1" '--workers 3' 0,1 0,1 0,1

# Siblings are what the machine says: here they are half of the machine apart, and the first PU
# has no particular number.
far='pack:2 core:2 pu:2(indexes=10,14,12,16,11,15,13,17)'
check "siblings far apart" seats "$far" '' 10,14 12,16 11,15 13,17
check "spread over them" seats "$far" '--bind spread --workers 3' 10,14 11,15 12,16

deep='pack:2 [numa] l3:2 core:3 pu:1'
check "spread: packages, then caches, then cores" \
    seats "$deep" '--bind spread' 0 6 3 9 1 7 4 10 2 8 5 11
check "wide places keep to a cache where they can" \
    seats "$deep" '-c 2' 0,1 2,5 3,4 6,7 8,11 9,10
check "as wide as a cache" seats "$deep" '-c 3' 0,1,2 3,4,5 6,7,8 9,10,11
check "wider than a cache, in one package" seats "$deep" '-c 4' 0,1,2,3 4,5,10,11 6,7,8,9
check "wide and spread" seats "$deep" '-c 3 --bind spread' 0,1,2 6,7,8 3,4,5 9,10,11
check "wide in hardware threads" \
    seats 'core:3 pu:2' '--places threads -c 3' 0,1,2 3,4,5
check "the rest is nobody's" seats 'core:5 pu:1' '-c 2' 0,1 2,3

# The level with fewer domains comes first, whatever contains what.
check "fewer nodes than packages" \
    seats 'numa:2 pack:2 core:2 pu:1' '--bind spread' 0 4 2 6 1 5 3 7
check "a machine without packages or caches" seats 'core:3 pu:1' '--bind spread' 0 1 2
check "a machine without cores: each PU is one" seats 'pack:2 pu:2' '--bind spread' 0 2 1 3
check "two memories of the same cores are one node" \
    seats 'pack:2 [numa] [numa] core:2 pu:1' '--bind spread' 0 2 1 3
check "one core" seats 'pu:1' '' 0
done_testing
