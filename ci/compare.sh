#!/usr/bin/env bash
# What several machines did, side by side: ci/compare.sh FOLDER writes, from the result files
# FOLDER/*.json, matrix.html there, and prints the matrix and each platform beside the first as Markdown.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
sockdrill() { cargo run --quiet --release --locked -- "$@"; }

# Linux first, where it is there: the others are told by what they do otherwise.
files=()
for file in "$folder"/linux.json "$folder"/*.json; do
  if [[ -e $file && " ${files[*]} " != *" $file "* ]]; then files+=("$file"); fi
done
[[ ${#files[@]} -gt 0 ]] || { echo "ci: no result file in $folder" >&2; exit 1; }

columns=()
for file in "${files[@]}"; do columns+=(--on "$file"); done
sockdrill matrix "${columns[@]}" --format html >"$folder/matrix.html"
sockdrill matrix "${columns[@]}" --format markdown
for file in "${files[@]:1}"; do
  echo
  sockdrill diff "${files[0]}" "$file" --format markdown
done
