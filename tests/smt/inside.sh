# tests/smt/inside.sh: what tests/smt/smt.sh does in the guest. Run by busybox's sh, with `mpi` set
# to "yes" when the programs know Open MPI's launcher.
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh disable=SC2154

# run NAME COMMAND...: each line of its output as "NAME 1|LINE", of its errors as "NAME 2|LINE",
# and last "NAME status N". A command that hangs costs its own time only.
run() {
    name=$1
    shift
    timeout 60 "$@" >/tmp/out 2>/tmp/err
    echo "status $?" >/tmp/status
    sed "s/^/$name 1|/" /tmp/out
    sed "s/^/$name 2|/" /tmp/err
    sed "s/^/$name /" /tmp/status
}

run siblings sh -c 'cat /sys/devices/system/cpu/cpu*/topology/thread_siblings_list | sort -u'
run packages sh -c 'cat /sys/devices/system/cpu/cpu*/topology/package_cpus_list | sort -u'
run nodes sh -c 'cat /sys/devices/system/node/node*/cpulist'

run text pinfold topo
run topo-cores pinfold topo --format tsv
run topo-threads pinfold topo --places threads --workers 8 --format tsv
run topo-spread pinfold topo --bind spread --format tsv

run hello hello
run cores masks
run threads masks --places threads
run five masks --places threads --workers 5
run sibling masks --reserve sibling
run wide masks -c 2

# What this process may use is less than the machine: half of a core, and the second thread only.
run taskset taskset -c 0,3,4-5 masks
run seconds taskset -c 1,3,5,7 masks --places threads

if [ "$mpi" = yes ]; then
    run mpi-topo mpirun -np 4 pinfold topo --format tsv
    run mpi-cores mpirun -np 4 masks
    run mpi-two mpirun -np 2 masks
    run mpi-bound mpirun --bind-to core -np 4 masks
    # Open MPI counts one slot for each core, so eight ranks need a word.
    run mpi-refused mpirun -np 8 masks
    run mpi-threads mpirun --use-hwthread-cpus -np 8 masks --places threads
    run mpi-over mpirun --oversubscribe -np 8 masks --places threads
    run mpi-hwthread mpirun --use-hwthread-cpus --bind-to hwthread -np 8 masks --places threads
fi

# A cpuset, a quota of two CPUs; then a hardware thread that is switched off.
mkdir -p /tmp/cgroup
mount -t cgroup2 cgroup /tmp/cgroup
echo '+cpuset +cpu' >/tmp/cgroup/cgroup.subtree_control
mkdir /tmp/cgroup/some
echo 2-5 >/tmp/cgroup/some/cpuset.cpus
run cgroup sh -c 'echo $$ >/tmp/cgroup/some/cgroup.procs; exec masks'
mkdir /tmp/cgroup/less
echo '200000 100000' >/tmp/cgroup/less/cpu.max
run quota sh -c 'echo $$ >/tmp/cgroup/less/cgroup.procs; exec masks'
echo 0 >/sys/devices/system/cpu/cpu1/online
run offline masks

run uptime cat /proc/uptime
