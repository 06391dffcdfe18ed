#!/usr/bin/env bash
# Runs a command with a temporary MariaDB server on the loopback interface:
#
#   .ci/mariadb.sh go test ./...
#
# The command gets the connection string of a superuser in ASOF_TEST_MYSQL. Tests create
# their own databases. The server stores its files in a temporary folder and is stopped by
# its process id when the command ends. If ASOF_TEST_MYSQL is already set, no server is
# started.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: .ci/mariadb.sh COMMAND …" >&2
  exit 2
fi
if [ -n "${ASOF_TEST_MYSQL:-}" ]; then
  exec "$@"
fi

find_program() {
  for program in "$@"; do
    for dir in /usr/sbin /usr/bin /usr/local/sbin /usr/local/bin; do
      if [ -x "$dir/$program" ]; then
        echo "$dir/$program"
        return
      fi
    done
  done
}
server=$(find_program mariadbd)
if [ -z "$server" ]; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  # Keep the package from starting its own server.
  policy=/usr/sbin/policy-rc.d
  kept=""
  if [ -e "$policy" ]; then
    kept=yes
  else
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod 755 "$policy"
  fi
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends mariadb-server || true
  [ -n "$kept" ] || $sudo rm -f "$policy"
  server=$(find_program mariadbd)
fi
install=$(find_program mariadb-install-db)
client=$(find_program mariadb)
if [ -z "$server" ] || [ -z "$install" ] || [ -z "$client" ]; then
  echo "MariaDB is not installed and cannot be installed" >&2
  exit 1
fi

# The server refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
  user=mysql
  id -u "$user" >/dev/null 2>&1 || user=nobody
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/asof-mariadb.XXXXXX")
pid=""
stop() {
  if [ -n "$pid" ]; then
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[ ${#as[@]} -eq 0 ] || chown "$user" "$dir"

cd "$dir" # the server's user may enter it
"${as[@]}" "$install" --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal \
  --skip-test-db >"$dir/install.log" 2>&1 || {
  cat "$dir/install.log" >&2
  exit 1
}
cd "$OLDPWD"

password=$(head -c 18 /dev/urandom | base64 | tr '+/' 'ab')
(umask 077 && echo "CREATE USER asof@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO asof@'127.0.0.1' WITH GRANT OPTION;" >"$dir/user.sql")

# A port that is free now may be taken a moment later, so try random ones.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  port=$((20000 + RANDOM % 20000))
  (cd "$dir" && exec "${as[@]}" "$server" --no-defaults --datadir="$dir/data" --socket="$dir/socket" \
    --pid-file="$dir/pid" --tmpdir="$dir" --port="$port" --bind-address=127.0.0.1 --skip-name-resolve \
    --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --sync-binlog=0 \
    --innodb-log-file-size=64M --max-connections=100 --general-log=0) >>"$dir/server.log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    if "$client" --no-defaults --socket="$dir/socket" -u root -e "SELECT 1" >/dev/null 2>&1; then
      break 2
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  pid=""
done
if [ -z "$pid" ]; then
  echo "MariaDB does not start:" >&2
  cat "$dir/server.log" >&2
  exit 1
fi
"$client" --no-defaults --socket="$dir/socket" -u root <"$dir/user.sql"

export ASOF_TEST_MYSQL="mysql://asof:$password@127.0.0.1:$port/"
"$@"
