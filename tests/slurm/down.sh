#!/usr/bin/env bash
# Stop what tests/slurm/up.sh started, by the ids in its pid files, and remove what it wrote.
set -euo pipefail

STATE=${STATE:-/tmp/seedbed-slurm}
CONFIG=/etc/slurm/slurm.conf

head -1 "$CONFIG" 2>/dev/null | grep -qF "# Written by tests/slurm/up.sh" || exit 0
squeue -h -o %i 2>/dev/null | xargs --no-run-if-empty scancel 2>/dev/null || true
ours=("$STATE"/run/*.pid)
[ -e "$STATE/run/munge-is-ours" ] && ours+=(/run/munge/munged.pid)
for file in "${ours[@]}"; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    kill "$pid" 2>/dev/null || continue
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
done
rm -rf "$STATE"
rm -f "$CONFIG" /etc/slurm/gres.conf
