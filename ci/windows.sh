#!/usr/bin/env bash
# The Windows program and its tests, built on Debian and run under Wine 10:
#   ci/windows.sh [STEP…], all of them without arguments; `ci/windows.sh accept` takes what Wine
#   does for its record, once no claim is broken. Wants root, for packages and chroot.
# What it downloads and builds stays under target/windows-tools and target/windows.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly ALL="clippy doctor suite test"
readonly TARGET=x86_64-pc-windows-gnu
readonly TOOLS=$PWD/target/windows-tools
readonly WINE_ROOT=$TOOLS/trixie

# Mounts of our own: they are gone when this script is.
if [ -z "${SOCKDRILL_MOUNTS:-}" ]; then
  SOCKDRILL_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
fi
mkdir -p "$TOOLS"

quiet() { # a command whose output is of interest only where it fails
  local log=$TOOLS/log
  "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
}

need() { # command, package
  command -v "$1" >/dev/null && return
  if [ -z "${APT_UPDATED:-}" ]; then quiet apt-get update -qq; APT_UPDATED=1; fi
  DEBIAN_FRONTEND=noninteractive quiet apt-get install -y -qq --no-install-recommends "$2"
}

# rustup's library for the target, where it is there or can be had; else Debian's compiler, which
# brings the library's source. That conflicts with rustup when installed, so it is only unpacked.
compiler() {
  need x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64
  export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
  if rustup target add "$TARGET" 2>/dev/null; then
    cargo=(cargo) flags=(--locked --target "$TARGET")
    return
  fi
  local rust=$TOOLS/rust
  if [ ! -e "$rust/done" ]; then
    rm -rf "$rust" "$TOOLS/debs" && mkdir -p "$rust" "$TOOLS/debs"
    quiet apt-get update -qq
    (cd "$TOOLS/debs" && quiet apt-get download rustc-web cargo-web rust-web-src \
      libstd-rust-web-dev libstd-rust-web-1.96 libllvm22 libgit2-1.5 \
      libmbedtls14 libmbedx509-1 libmbedcrypto7 libhttp-parser2.9 libssh2-1)
    for deb in "$TOOLS"/debs/*.deb; do dpkg -x "$deb" "$rust"; done
    rm -r "$TOOLS/debs" && touch "$rust/done"
  fi
  cargo=(env "LD_LIBRARY_PATH=$rust/usr/lib/x86_64-linux-gnu:$rust/usr/lib"
    "RUSTC=$rust/usr/bin/rustc" RUSTC_BOOTSTRAP=1 "$rust/usr/bin/cargo")
  flags=(-Zbuild-std=std,panic_abort,panic_unwind,test --locked --target "$TARGET")
}

# Wine 10 from Debian trixie, in a folder; this tree at the same path in it, so that paths that
# were compiled in are right on drive Z.
wine() {
  if [ ! -e "$WINE_ROOT/done" ]; then
    need debootstrap debootstrap
    rm -rf "$WINE_ROOT"
    quiet debootstrap --variant=minbase --include=wine64 trixie "$WINE_ROOT"
    chroot "$WINE_ROOT" apt-get clean
    touch "$WINE_ROOT/done"
  fi
  mkdir -p "$WINE_ROOT$PWD"
  mount -t proc proc "$WINE_ROOT/proc"
  mount --bind /dev "$WINE_ROOT/dev"
  mount --bind "$PWD" "$WINE_ROOT$PWD"
  cat >"$TOOLS/wine.sh" <<RUNNER
#!/bin/sh
exec env -u LD_LIBRARY_PATH -u TMPDIR chroot "$WINE_ROOT" env -C "\$PWD" HOME=/root XDG_RUNTIME_DIR=/tmp \\
  WINEDEBUG=-all WINEPREFIX=/prefix /usr/lib/wine/wine64 "\$@"
RUNNER
  chmod +x "$TOOLS/wine.sh"
  # The first start makes the prefix.
  [ -e "$WINE_ROOT/prefix/system.reg" ] || quiet "$TOOLS/wine.sh" cmd /c ver
  export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=$TOOLS/wine.sh
}

# What scenarios/apps drives stands beside the program.
examples() { "${cargo[@]}" build --quiet "${flags[@]}" --package sockdrill-examples --bins; }

sockdrill() { "${cargo[@]}" run --quiet "${flags[@]}" -- "$@"; }

# Debian's compiler has no clippy: what it builds is checked by building it.
step_clippy() {
  [ "${cargo[0]}" != cargo ] || cargo clippy --workspace --all-targets "${flags[@]}" -- -D warnings
}

step_doctor() { sockdrill doctor; }

step_suite() {
  mkdir -p target/results
  examples
  sockdrill run --allow-programs --report json=target/results/wine.json
}

# All but the examples in the documentation, which are run where they are built. Programs that tests
# start are no tests themselves, so they are built first.
step_test() {
  "${cargo[@]}" build --quiet --workspace --examples "${flags[@]}"
  SOCKDRILL_ALLOW_PROGRAMS=1 "${cargo[@]}" test --workspace --lib --bins --tests --no-fail-fast "${flags[@]}"
}

# 6 is the exit code of a run that only drifted.
step_accept() {
  examples
  INSTA_UPDATE=new sockdrill run --allow-programs || [ $? -eq 6 ]
  sockdrill snapshots accept
  sockdrill snapshots prune
}

export CARGO_TARGET_DIR=$PWD/target/windows
# Else insta asks a cargo that is not there where the snapshots are.
export INSTA_WORKSPACE_ROOT=$PWD
compiler
wine
for step in ${*:-$ALL}; do
  begin=$SECONDS
  echo "== windows: $step"
  "step_$step"
  echo "== windows: $step: $((SECONDS - begin)) s"
done
