#!/usr/bin/env bash
# The matrix as a page, in headless Chromium: ci/page.sh. A script (ci/page.js) uses it as a person
# would, in light and dark, wide and narrow, and says in the page what it found. Nothing is loaded
# but the page. Needs Chromium or Chrome.
set -euo pipefail
cd "$(dirname "$0")/.."

browser=
for name in chromium chromium-browser google-chrome chrome; do
  if command -v "$name" >/dev/null; then browser=$name; break; fi
done
[[ -n $browser ]] || { echo "ci: no Chromium: apt install chromium" >&2; exit 1; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo run --quiet --release --locked -- matrix --format html >"$folder/matrix.html"
{ cat "$folder/matrix.html"; echo "<script>"; cat ci/page.js; echo "</script>"; } >"$folder/used.html"

# $1: the width in pixels, $2: the colours as Blink numbers them, $3: what stands behind the #.
look() {
  "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
    --disable-background-networking --disable-component-update --enable-logging=stderr --host-resolver-rules='MAP * ~NOTFOUND' \
    --user-data-dir="$folder/profile" --window-size="$1,900" --blink-settings="preferredColorScheme=$2" \
    --virtual-time-budget=60000 --dump-dom "file://$folder/used.html#$3" 2>"$folder/log" |
    sed -n 's/.*<output id="found">\([^<]*\).*/\1/p'
}

status=0
for view in "1280 1 light" "1280 0 dark" "500 1 light"; do
  read -r width scheme colours <<<"$view"
  found=$(look "$width" "$scheme" "$colours")
  echo "page: $width pixels, $colours: ${found:-it does not run}"
  [[ $found == "all is well:"* ]] || { status=1; grep CONSOLE "$folder/log" >&2 || true; }
done
exit "$status"
