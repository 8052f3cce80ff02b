#!/bin/sh
# Fails when a source file is not as clang-format writes it. Skipped (77) without clang-format.
#   tests/format.sh        check
#   tests/format.sh -i     write the files anew
set -eu
cd "$(dirname "$0")/.."
command -v clang-format >/dev/null || { echo "clang-format is not installed: skipped"; exit 77; }
if [ "${1:-}" = -i ]; then
  set -- -i
else
  set -- --dry-run -Werror
fi
find src tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 | xargs -0 -r clang-format "$@"
