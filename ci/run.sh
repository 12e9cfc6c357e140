#!/usr/bin/env bash
# The steps of CI, the same on every system: ci/run.sh [STEP…], all of them without arguments.
# Each prints its name and its time; the first that fails ends the run.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly ALL="fmt clippy docs lint schema suite test"

# Nobody builds again where CI built: what is kept for that, and line numbers of backtraces, would
# only fill the disk.
if [[ -n ${CI-} ]]; then export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=none; fi

# Needs rustfmt.
step_fmt() { cargo fmt --all --check; }

# Holds the lints of Cargo.toml, and the MSRV through clippy's incompatible_msrv.
step_clippy() { cargo clippy --workspace --all-targets --locked -- -D warnings; }

step_docs() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked; }

# The scenario files as an editor sees them: against the committed schema. Needs tombi, a Python package.
# Which files those are says tombi.toml: named here, "scenarios" would find none and be well.
step_lint() {
  command -v tombi >/dev/null || { echo "ci: tombi is missing: pip install tombi" >&2; return 1; }
  tombi lint --offline --error-on-warnings
  if printf 'title = "No such verb"\nstep = [{ conn.recvv = 64 }]\n' |
    tombi lint --offline --quiet --stdin-filename scenarios/refused.toml - 2>/dev/null; then
    echo "ci: tombi does not apply schema/scenario.json" >&2
    return 1
  fi
}

# What is generated and committed is current.
step_schema() {
  cargo run --quiet --release --locked -- schema | diff - schema/scenario.json
  cargo run --quiet --release --locked -- schema --reference | diff - docs/reference.md
  cargo run --quiet --release --locked -- matrix --format markdown | diff - MATRIX.md
  cargo run --quiet --release --locked -- pages docs/behaviour --check
}

# The matrix as a page, used in a browser. Needs Chromium or Chrome.
step_page() { ci/page.sh; }

# The main job, as the README has it, and the programs of examples/ beside; with RESULT=NAME, also what
# came of it in target/results.
step_suite() {
  local reports=()
  if [[ -n ${RESULT-} ]]; then
    mkdir -p target/results
    reports=(--report "json=target/results/$RESULT.json" --report "junit=target/results/$RESULT.xml")
  fi
  cargo build --quiet --release --locked --package sockdrill-examples --bins
  cargo run --release --locked -- run --allow-programs ${reports[@]+"${reports[@]}"}
}

# The tests, as the README has it, and the programs of examples/ beside; the runner's summary lines once
# more at the end.
step_test() {
  local log status=0
  log=$(mktemp)
  SOCKDRILL_ALLOW_PROGRAMS=1 cargo test --locked --no-fail-fast 2>&1 | tee "$log" || status=$?
  echo
  grep '^test result:' "$log" || true
  awk '/^test result:/ { passed += $4; failed += $6; skipped += $8 }
       END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' "$log"
  rm -f "$log"
  return "$status"
}

# macOS, as far as that goes without one: everything compiles for it. Needs rustup. A dependency of
# the benches compiles C; nothing is linked, so a compiler that does nothing stands in for Apple's.
step_macos() {
  rustup target add aarch64-apple-darwin
  CC_aarch64_apple_darwin=true AR_aarch64_apple_darwin=true \
    cargo clippy --workspace --all-targets --locked --target aarch64-apple-darwin -- -D warnings
}

# The other platforms that a Debian machine has. Each says what it needs.
step_gvisor() { ci/gvisor.sh; }
step_windows() { ci/windows.sh; }

# What the machines did, side by side: of every result file that the steps before have left.
step_compare() { ci/compare.sh target/results >target/results/comparison.md; }

# The dependencies' licences and advisories. Needs cargo-deny and the network.
step_deny() { cargo deny --all-features check; }

# A minute for each fuzz target. Needs nightly and cargo-fuzz.
step_fuzz() {
  local target
  for target in $(cd harness && cargo +nightly fuzz list); do
    (cd harness && cargo +nightly fuzz run "$target" -- -max_total_time=60)
  done
}

for step in ${*:-$ALL}; do
  begin=$SECONDS
  echo "== $step"
  "step_$step"
  echo "== $step: $((SECONDS - begin)) s"
done
