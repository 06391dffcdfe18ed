#!/usr/bin/env bash
# Runs a command with a temporary Redis server on the loopback interface:
#
#   .ci/redis.sh go test ./...
#
# The command gets the connection string in ASOF_TEST_REDIS. Tests use prefixes of their
# own. The server stores nothing, and is stopped by its process id when the command ends. If
# ASOF_TEST_REDIS is already set, no server is started.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: .ci/redis.sh COMMAND …" >&2
  exit 2
fi
if [ -n "${ASOF_TEST_REDIS:-}" ]; then
  exec "$@"
fi

if ! command -v redis-server >/dev/null; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q
  # Keep the package from starting its own server.
  $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qy --no-install-recommends redis-server
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/asof-redis.XXXXXX")
pid=""
stop() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(head -c 18 /dev/urandom | base64 | tr '+/' 'ab')
# A port that is free now may be taken a moment later, so try random ones.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  port=$((20000 + RANDOM % 20000))
  (umask 077 && printf 'bind 127.0.0.1\nport %s\nrequirepass %s\nsave ""\nappendonly no\ndir %s\n' "$port" "$password" "$dir" >"$dir/redis.conf")
  redis-server "$dir/redis.conf" >"$dir/server.log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    if [ "$(REDISCLI_AUTH=$password redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null)" = PONG ]; then
      break 2
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  pid=""
done
if [ -z "$pid" ]; then
  echo "Redis does not start:" >&2
  cat "$dir/server.log" >&2
  exit 1
fi

export ASOF_TEST_REDIS="redis://default:$password@127.0.0.1:$port/0"
"$@"
