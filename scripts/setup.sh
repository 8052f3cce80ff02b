#!/usr/bin/env bash
# Installs what is missing and builds build/schemasync. Run it as often as you like, as root or not.
#
#   scripts/setup.sh [--tests] [MESON OPTION…]
#
# --tests adds what only the tests need. Packages come from apt, as root or through sudo, and only
# when something is missing; on other systems the list of what is missing is printed instead.
# Meson options (-Dwerror=true) go to the build folder: $BUILD, default build/.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
for_tests=no
if [ "${1:-}" = --tests ]; then
  for_tests=yes
  shift
fi

say() { printf '%s\n' "$*" >&2; }

has_command() { command -v "$1" >/dev/null 2>&1; }

has_header() { echo "#include <$1>" | c++ -std=c++20 -E -x c++ - >/dev/null 2>&1; }

has_module() { pkg-config --exists "$1" 2>/dev/null; }

has_server() {
  [ -n "${SCHEMASYNC_PGBIN:-}" ] && [ -x "$SCHEMASYNC_PGBIN/initdb" ] && return
  has_command initdb && return
  local bin
  for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
    [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] && return
  done
  return 1
}

# What is missing, as the names of Debian's packages.
missing_packages() {
  has_command c++ || echo g++
  has_command meson || echo meson
  has_command ninja || echo ninja-build
  has_command pkg-config || echo pkg-config
  has_module libpqxx || echo libpqxx-dev
  has_module libpq || echo libpq-dev
  has_module libcrypto || echo libssl-dev
  has_module nlohmann_json || echo nlohmann-json3-dev
  has_module tomlplusplus || echo libtomlplusplus-dev
  has_module fmt || echo libfmt-dev
  has_module CLI11 || echo libcli11-dev
  has_module libgit2 || echo libgit2-dev
  has_module libtcmalloc_minimal || echo libgoogle-perftools-dev
  has_header dtl/dtl.hpp || echo libdtl-dev
  has_header doctest/doctest.h || echo doctest-dev
  has_server || echo postgresql
  has_command psql || echo postgresql-client
  if [ "$for_tests" = yes ]; then
    has_command clang-format || echo clang-format
    has_python_module jsonschema || echo python3-jsonschema
  fi
}

has_python_module() {
  local python=/usr/bin/python3
  [ -x "$python" ] || python=python3
  "$python" -c "import $1" 2>/dev/null
}

# Meson's own fallbacks (subprojects/*.wrap) serve where the distribution lacks one of these, and
# glibc's malloc does where it lacks the last.
has_wrap() {
  case $1 in
    libpqxx-dev | nlohmann-json3-dev | libtomlplusplus-dev | libfmt-dev | libcli11-dev | \
      libdtl-dev | doctest-dev | libgoogle-perftools-dev) return 0 ;;
    *) return 1 ;;
  esac
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

may_be_root() {
  [ "$(id -u)" = 0 ] && return
  has_command sudo || return 1
  # Without a terminal nobody could type a password.
  if [ -t 0 ]; then sudo -v; else sudo -n true 2>/dev/null; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2
}

# The package `postgresql` makes and starts a cluster of its own on port 5432. Nobody asked for
# that here, so it is told not to while it is installed, and the setting is put back.
install_server() {
  local settings=/etc/postgresql-common/createcluster.conf kept
  apt_install postgresql-common || return
  kept=$(mktemp)
  cp "$settings" "$kept"
  echo 'create_main_cluster = false' | as_root tee -a "$settings" >/dev/null
  local result=0
  apt_install "$@" || result=$?
  as_root tee "$settings" <"$kept" >/dev/null
  rm -f "$kept"
  return $result
}

install_missing() {
  local wanted=("$@")
  if ! has_command apt-get; then
    say "Please install what these Debian packages hold: ${wanted[*]}"
    return 1
  fi
  if ! may_be_root; then
    say "Missing, and neither root nor sudo to install it. As root, run:"
    say "  apt-get install --no-install-recommends ${wanted[*]}"
    return 1
  fi
  say "installing: ${wanted[*]}"
  as_root apt-get update -qq >&2 || say "apt-get update failed; trying with the lists that are there"
  local plain=() server=() package
  for package in "${wanted[@]}"; do
    # An older release may lack a library that has a wrap.
    if has_wrap "$package" && ! apt-cache show "$package" >/dev/null 2>&1; then
      say "$package is not in this distribution: meson fetches it by subprojects/*.wrap"
    elif [ "$package" = postgresql ]; then
      server+=("$package")
    else
      plain+=("$package")
    fi
  done
  [ ${#plain[@]} = 0 ] || apt_install "${plain[@]}" || return
  [ ${#server[@]} = 0 ] || install_server "${server[@]}"
}

# Without these the suites that want them are skipped.
is_optional() { [ "$1" = clang-format ] || [ "$1" = python3-jsonschema ]; }

still_needed() {
  local package
  for package in "$@"; do
    has_wrap "$package" || is_optional "$package" || echo "$package"
  done
}

mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -gt 0 ]; then
  install_missing "${missing[@]}" || true
  mapfile -t missing < <(missing_packages)
  mapfile -t missing < <(still_needed "${missing[@]}")
  if [ ${#missing[@]} -gt 0 ]; then
    say "still missing: ${missing[*]}"
    exit 1
  fi
fi

# A library that was installed after the folder was set up is found by a new set-up only.
if [ -f "$build/build.ninja" ]; then
  [ $# = 0 ] || meson configure "$build" "$@" >&2
else
  meson setup "$build" "$@" >&2
fi
ninja -C "$build" >&2
