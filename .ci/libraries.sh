#!/usr/bin/env bash
# Installs the libraries that record the versions of rows, from Debian's packages: tests
# of replay/store write histories with them and compare the libraries' own answers. Where
# they cannot be installed, these tests are skipped.
set -uo pipefail

sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
missing=()
for package in python3-django python3-django-simple-history python3-django-reversion ruby-paper-trail ruby-sqlite3; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" ||
  echo "libraries of row histories are not installed: their tests are skipped" >&2
