#!/usr/bin/env bash
# A real SLURM of one machine, for `make test-slurm`: munge, slurmctld and a slurmd for each of two
# nodes, on loopback, as root, without systemd and cgroups. Needs Debian's packages munge,
# slurmctld, slurmd and slurm-client; tests/slurm/up.sh install does no more than install them.
#
#   STATE=/tmp/seedbed-slurm   logs, pids, spool
#   CPUS, MEM_MB               what each node says it has; memory is watched, cores are not
#
# It writes /etc/slurm/slurm.conf, the only place where the job step's nested srun looks, and
# refuses to where one stands that it did not write.
set -euo pipefail

STATE=${STATE:-/tmp/seedbed-slurm}
CPUS=${CPUS:-$(nproc)}
MEM_MB=${MEM_MB:-8000}
NODES=2
PACKAGES=(munge slurmctld slurmd slurm-client)
CONFIG=/etc/slurm/slurm.conf
MARK="# Written by tests/slurm/up.sh"

say() { printf '[slurm] %s\n' "$*"; }
refuse() { printf '[slurm] %s\n' "$*" >&2; exit 1; }

missing() {
    for package in "${PACKAGES[@]}"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            printf '%s ' "$package"
    done
}

install_packages() {
    local lacking
    lacking=$(missing)
    [ -z "$lacking" ] && return
    command -v apt-get >/dev/null || refuse "these Debian packages are missing: $lacking"
    say "installing $lacking"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086  # words on purpose
    apt-get install -qq -y --no-install-recommends $lacking >/dev/null ||
        refuse "apt-get could not install $lacking"
}

# alive PIDFILE: is that process there?
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

# until_true SECONDS COMMAND...: wait until the command succeeds.
until_true() {
    local limit=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$limit" ] || refuse "in vain waited for: $* (logs in $STATE/log)"
        sleep 0.2
    done
}

start_munge() {
    install -d -o munge -g munge -m 0755 /run/munge
    install -d -o munge -g munge -m 0700 /var/log/munge /var/lib/munge
    if [ ! -s /etc/munge/munge.key ]; then
        dd if=/dev/urandom of=/etc/munge/munge.key bs=1024 count=1 status=none
    fi
    chown munge:munge /etc/munge/munge.key
    chmod 400 /etc/munge/munge.key
    alive /run/munge/munged.pid || {
        setpriv --reuid=munge --regid=munge --clear-groups munged
        touch "$STATE/run/munge-is-ours"
    }
    until_true 60 bash -c 'munge -n | unmunge'
}

write_config() {
    local host nodes
    host=$(hostname -s)
    nodes=$(for i in $(seq "$NODES"); do
        echo "NodeName=n$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((6900 + i))" \
            "CPUs=$CPUS RealMemory=$MEM_MB Gres=gpu:fake:2 State=UNKNOWN"
    done)
    mkdir -p /etc/slurm
    cat >"$CONFIG" <<EOF
$MARK
ClusterName=seedbed
SlurmctldHost=$host(127.0.0.1)
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
# A job that takes more memory than it asked for is killed, as cgroups would do it.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=5,sched_min_interval=100000,batch_sched_delay=0
ReturnToService=2
# squeue must know of a job for as long as Snakemake may ask about it.
MinJobAge=7200
# What can never run is an error, not an endless wait.
EnforcePartLimits=ALL
KillWait=5
InactiveLimit=0
SlurmdParameters=config_overrides
SlurmctldTimeout=60
SlurmdTimeout=300
StateSaveLocation=$STATE/ctld
SlurmdSpoolDir=$STATE/spool.%n
SlurmctldPidFile=$STATE/run/slurmctld.pid
SlurmdPidFile=$STATE/run/slurmd.%n.pid
SlurmctldLogFile=$STATE/log/slurmctld.log
SlurmdLogFile=$STATE/log/slurmd.%n.log
GresTypes=gpu
$nodes
PartitionName=cpu Nodes=ALL Default=YES MaxTime=2880 State=UP DefMemPerCPU=500
PartitionName=gpu Nodes=ALL MaxTime=2880 State=UP DefMemPerCPU=500
EOF
    # A GPU without a file registers as none in SLURM 22.05; any character device will do.
    printf '%s\nName=gpu Type=fake File=/dev/null,/dev/zero\n' "$MARK" >/etc/slurm/gres.conf
    chmod 644 "$CONFIG" /etc/slurm/gres.conf
}

all_nodes_up() { [ "$(sinfo -h -N -p cpu -t idle,mix,alloc -o %N | wc -l)" = "$NODES" ]; }

[ "$(id -u)" = 0 ] || refuse "needs root, to write $CONFIG and to start munge"
if [ -e "$CONFIG" ] && ! head -1 "$CONFIG" | grep -qF "$MARK"; then
    refuse "$CONFIG is of another cluster; this test wants a machine of its own"
fi
if [ "${1:-}" = install ]; then
    install_packages
    exit
fi
lacking=$(missing)
[ -z "$lacking" ] || refuse "these Debian packages are missing: $lacking(tests/slurm/up.sh install)"

mkdir -p "$STATE"/{log,run,ctld}
start_munge
write_config
alive "$STATE/run/slurmctld.pid" || slurmctld
until_true 60 bash -c 'scontrol ping | grep -q UP'
for i in $(seq "$NODES"); do
    mkdir -p "$STATE/spool.n$i"
    alive "$STATE/run/slurmd.n$i.pid" || slurmd -N "n$i"
done
until_true 120 all_nodes_up
say "$(sinfo --version): $(sinfo -h -p cpu -o '%D nodes %t, each %c cpus, %m MB, %G')"
