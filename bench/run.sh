#!/usr/bin/env bash
# Measures what schemasync promises about speed, as ratios within one run, and prints a Markdown
# table. Needs hyperfine and build/schemasync, built with optimisation (meson's default here);
# starts its own PostgreSQL and stops it.
#
#   bench/run.sh [TABLES]          default 1000; also measures ten times as many
#
# RUNS is how often the short commands run (default 10), SCHEMASYNC names another binary.
set -euo pipefail
cd "$(dirname "$0")/.."
tables=${1:-1000}
runs=${RUNS:-10}
schemasync=$(realpath -m "${SCHEMASYNC:-build/schemasync}")
python=/usr/bin/python3
[ -x "$python" ] || python=python3
need() {
  command -v "$1" >/dev/null && return
  echo "bench/run.sh needs $1: apt-get install $2" >&2
  exit 1
}
need hyperfine hyperfine
need psql postgresql-client
need pg_dump postgresql-client
[ -x "$schemasync" ] || { echo "no $schemasync: scripts/setup.sh builds it" >&2; exit 1; }
options=$(dirname "$schemasync")/meson-info/intro-buildoptions.json
if [ -f "$options" ] && "$python" -c '
import json, sys
options = {one["name"]: one["value"] for one in json.load(open(sys.argv[1]))}
sys.exit(options["optimization"] != "0" and options["b_sanitize"] == "none")' "$options"; then
  echo "$schemasync is not optimised, its times say nothing:" \
    "meson configure $(dirname "$schemasync") -Doptimization=2" >&2
  exit 1
fi

scratch=$(mktemp -d /tmp/schemasync-bench.XXXXXX)
chmod 755 "$scratch"
server=
finish() {
  (cd "$scratch/embedded" 2>/dev/null && "$schemasync" server stop >/dev/null 2>&1) || true
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf "$scratch"
}
trap finish EXIT
unset DATABASE_URL

"$python" tests/live/private_server.py --set max_locks_per_transaction=8192 >"$scratch/url" &
server=$!
for _ in $(seq 300); do
  [ -s "$scratch/url" ] && break
  kill -0 "$server" || exit 1
  sleep 0.1
done
url_of() { sed "s|:///postgres?|:///$1?|" "$scratch/url"; }
admin=$(url_of postgres)
fresh() { echo "psql -X -q -c 'DROP DATABASE IF EXISTS $1' -c 'CREATE DATABASE $1 TEMPLATE template0' '$admin'"; }

# measure NAME [hyperfine's options] -- COMMAND…: results in $scratch/NAME.json, notes on stderr.
measure() {
  local name=$1
  shift
  hyperfine --style basic --export-json "$scratch/$name.json" "$@" >&2
}

for size in "$tables" $((tables * 10)); do
  "$python" bench/generate.py "$size" "$scratch/$size"
  models=$scratch/$size/schemas
  if [ "$size" = "$tables" ]; then short=$runs long=3; else short=3 long=1; fi

  measure "apply-$size" --runs "$long" \
    --prepare "$(fresh "a$size")" --prepare "$(fresh "b$size")" \
    "'$schemasync' apply --url '$(url_of "a$size")' --models '$models' --yes" \
    "psql -X -q -1 -v ON_ERROR_STOP=1 -f '$scratch/$size/tables.sql' '$(url_of "b$size")'"
  # Both must see the same: the database that apply made, as autovacuum leaves it within minutes.
  psql -X -q -c 'VACUUM (ANALYZE)' "$(url_of "a$size")"
  measure "plan-$size" --warmup 1 --runs "$short" \
    "'$schemasync' plan --exit-code --url '$(url_of "a$size")' --models '$models'" \
    "pg_dump -s '$(url_of "a$size")'"
  "$python" - "$schemasync" "$(url_of "a$size")" "$models" >"$scratch/memory-$size" <<'PYTHON'
import resource, subprocess, sys
schemasync, url, models = sys.argv[1:]
subprocess.run([schemasync, "plan", "--url", url, "--models", models], check=True,
               stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PYTHON
done

# The embedded server: from nothing, again, and in another project of the same user.
mkdir -p "$scratch/embedded" "$scratch/cache"
cp -r schemas schemasync.toml "$scratch/embedded"
cd "$scratch/embedded"
export XDG_CACHE_HOME=$scratch/cache
stop="'$schemasync' server stop || true"
measure server --runs "$runs" \
  --prepare "$stop; rm -rf .schemasync '$scratch/cache'; mkdir -m 755 '$scratch/cache'" \
  --prepare "$stop" \
  --prepare "$stop; rm -rf .schemasync" \
  "'$schemasync' server start" "'$schemasync' server start --env dev" \
  "'$schemasync' server start --env 'dev'"
"$schemasync" server stop >/dev/null
cd - >/dev/null

"$python" bench/table.py "$scratch" "$tables"
