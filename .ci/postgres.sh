#!/usr/bin/env bash
# Runs a command with a temporary PostgreSQL 15 server on the loopback interface:
#
#   .ci/postgres.sh go test ./...
#
# The command gets the connection string of a superuser in ASOF_TEST_POSTGRES. Tests
# create their own databases. The server stores its files in a temporary folder and is
# stopped by its process id when the command ends. If ASOF_TEST_POSTGRES is already
# set, no server is started.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: .ci/postgres.sh COMMAND …" >&2
  exit 2
fi
if [ -n "${ASOF_TEST_POSTGRES:-}" ]; then
  exec "$@"
fi

find_bin() {
  for dir in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin /usr/local/bin /usr/bin; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
      echo "$dir"
      return
    fi
  done
}
bin=$(find_bin)
if [ -z "$bin" ]; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  # Keep the package from starting its own server.
  $sudo mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends postgresql-15
  bin=$(find_bin)
fi
if [ -z "$bin" ]; then
  echo "PostgreSQL is not installed and cannot be installed" >&2
  exit 1
fi

# The server refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
  user=postgres
  id -u "$user" >/dev/null 2>&1 || user=nobody
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/asof-postgres.XXXXXX")
pid=""
stop() {
  if [ -n "$pid" ]; then
    kill -INT "$pid" 2>/dev/null || true # a fast shutdown
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[ ${#as[@]} -eq 0 ] || chown "$user" "$dir"

password=$(head -c 18 /dev/urandom | base64 | tr '+/' 'ab')
(umask 077 && echo "$password" >"$dir/password")
[ ${#as[@]} -eq 0 ] || chown "$user" "$dir/password"
cd "$dir" # the server's user may enter it
"${as[@]}" "$bin/initdb" -D "$dir/data" -U asof -A scram-sha-256 --pwfile "$dir/password" \
  -E UTF8 --locale C.UTF-8 -N >"$dir/initdb.log" 2>&1 || {
  cat "$dir/initdb.log" >&2
  exit 1
}
cd "$OLDPWD"

# A port that is free now may be taken a moment later, so try random ones.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  port=$((20000 + RANDOM % 20000))
  (cd "$dir" && exec "${as[@]}" "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c shared_buffers=32MB -c max_connections=50 -c autovacuum=off) >>"$dir/server.log" 2>&1 &
  pid=$!
  for _ in $(seq 150); do
    if PGPASSWORD=$password "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U asof -d postgres; then
      break 2
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -INT "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  pid=""
done
if [ -z "$pid" ]; then
  echo "PostgreSQL does not start:" >&2
  cat "$dir/server.log" >&2
  exit 1
fi

export ASOF_TEST_POSTGRES="postgres://asof:$password@127.0.0.1:$port/postgres?sslmode=disable"
"$@"
