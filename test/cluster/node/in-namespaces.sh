#!/usr/bin/env bash
# in-namespaces.sh FOLDER COMMAND... : runs a command as the first process of namespaces (mounts, cgroups, network, processes)
# and cgroups of its own, until it ends or standard input does; then nothing of them is left, nor of the folder.
set -uo pipefail
folder=$1; shift
cgroups=()
while IFS=: read -r _ controllers path; do
  # A child of this process's own cgroup, in each hierarchy (cgroup v1), or in the one (v2).
  name=${controllers#name=}; parent=/sys/fs/cgroup/${name}${path%/}
  if [ -z "$controllers" ]; then [ -e /sys/fs/cgroup/cgroup.controllers ] || continue; parent=/sys/fs/cgroup${path%/}; fi
  cgroup=$parent/perimeter-test-$$; mkdir "$cgroup" || exit 1; cgroups+=("$cgroup")
  if [ "$name" = cpuset ]; then for file in cpus mems; do cat "$parent/cpuset.$file" > "$cgroup/cpuset.$file"; done; fi
done < /proc/self/cgroup
# An interrupt is for whoever started this, which then closes standard input.
trap '' INT TERM
(
  for cgroup in "${cgroups[@]}"; do echo "$BASHPID" > "$cgroup/cgroup.procs"; done
  # A shell is its first process, which reaps what others leave behind; the command's end is everybody's.
  exec unshare --mount --cgroup --net --pid --fork --kill-child bash -c '"$@"; exit $?' namespaces "$@"
)
code=$?
for _ in 1 2 3 4 5 6 7 8; do find "${cgroups[@]}" -depth -type d -exec rmdir {} + 2>/dev/null && break; sleep 0.3; done
rm -rf "$folder"
exit $code
