#!/usr/bin/env bash
# Installs what is missing, builds, and runs every suite: unit, live, slow, layers, format, docs.
#
#   scripts/test.sh [MESON OPTION…]        SUITES="unit live" for some of them
#
# Prints a line a suite and, last, "N passed, N failed". BUILD is the build folder, default build/.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}

scripts/setup.sh --tests "$@"

suites=()
for suite in ${SUITES:-}; do
  suites+=(--suite "$suite")
done
# meson's own exit code is not asked: tally.py reads what every runner counted, and a runner that
# was killed counts as failed there.
meson test -C "$build" --no-rebuild --print-errorlogs "${suites[@]}" || true

python=/usr/bin/python3
[ -x "$python" ] || python=python3
"$python" tests/tally.py "$build/meson-logs/testlog.json"
