#!/usr/bin/env bash
# Shows the main job on a fresh machine: installs what is missing, builds, and takes the Expense
# Tracker from TOML to a database and back, on a PostgreSQL that schemasync starts itself.
# Everything happens in a scratch copy of the project's models, which is removed at the end.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
"$project/scripts/setup.sh"
build=${BUILD:-build}
case $build in /*) ;; *) build=$project/$build ;; esac
PATH=$build:$PATH

scratch=$(mktemp -d /tmp/schemasync-demo.XXXXXX)
finish() {
  local result=$?
  # The server ends with the last command that uses it; this is for a demo that was interrupted.
  (cd "$scratch" && schemasync server stop) >/dev/null 2>&1 || true
  rm -rf "$scratch"
  exit $result
}
trap finish EXIT
trap 'exit 130' INT TERM
chmod 755 "$scratch" # the server's unprivileged user looks inside when we are root
cp -r "$project/schemas" "$project/schemasync.toml" "$scratch"
cd "$scratch"

step() { printf '\n# %s\n' "$*"; }

# Prints a command as one would type it, and runs it.
run() {
  local words=() word
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=@%+-]+$ ]]; then words+=("$word"); else words+=("'$word'"); fi
  done
  printf '$ %s\n' "${words[*]}"
  "$@"
}

step "The models are well-formed"
run schemasync check
step "What would make the empty database hold them"
run schemasync plan
step "Do it"
run schemasync apply --yes
step "Nothing is left to do"
run schemasync plan --exit-code
step "One edit: expenses get optional notes"
run sed -i '/^tags /a notes              = "varchar?"' schemas/expense.toml
run schemasync plan
step "Apply it"
run schemasync apply --yes
step "And take it back, rows and all"
run schemasync rollback --yes
step "Where that leaves the database"
run schemasync history
