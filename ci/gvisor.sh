#!/usr/bin/env bash
# The suite on gVisor: ci/gvisor.sh [--accept] [ARGUMENT…]; the arguments go to `sockdrill run`.
# Needs root and runsc on PATH (Debian: apt install runsc); installs nothing.
#
# The program sees this machine's files through an overlay: what it writes is lost at the end. With
# --accept its records, once no claim is broken, come out as a tar stream and replace
# snapshots/gvisor. Which gVisor it is, the program is told: inside, all say Linux 4.4.0.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v runsc >/dev/null || { echo "ci: runsc is missing: apt install runsc" >&2; exit 1; }
accept=false
if [[ ${1-} == --accept ]]; then
  accept=true
  shift
fi

cargo build --quiet --release --locked --bin sockdrill
cargo build --quiet --release --locked --package sockdrill-examples --bins
program=${CARGO_TARGET_DIR:-target}/release/sockdrill

# `runsc version release-20221219.0`, and `0.0~20221219.0` from Debian: the date is the version.
SOCKDRILL_RUNSC=$(runsc --version | grep -oE '[0-9]{8}(\.[0-9]+)?' | head -1)
export SOCKDRILL_RUNSC

# Through pipes: into a file gVisor writes from an offset of its own, over what others wrote.
sandboxed() {
  {
    {
      timeout 300 runsc --platform=ptrace --network=none --ignore-cgroups do "$@" 2>&3 | cat >&4
    } 3>&1 | cat >&2
  } 4>&1
}

if ! $accept; then
  sandboxed "$program" run --allow-programs "$@" && exit
  status=$?
  echo "ci: to accept what only drifted: ci/gvisor.sh --accept" >&2
  exit "$status"
fi

records=$(mktemp)
trap 'rm -f "$records"' EXIT
# shellcheck disable=SC2016 # expanded inside; 6 is the exit code of a run that only drifted
sandboxed sh -c '
  INSTA_UPDATE=new "$0" run --allow-programs "$@" >&2 || [ $? -eq 6 ] || exit
  "$0" snapshots accept >&2 && "$0" snapshots prune >&2 && tar -c snapshots/gvisor
' "$program" "$@" >"$records"
rm -rf snapshots/gvisor
tar -x --no-same-owner -f "$records"
echo "ci: accepted for gvisor: git status snapshots/gvisor" >&2
