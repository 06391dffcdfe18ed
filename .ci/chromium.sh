#!/usr/bin/env bash
# Runs a command with Chromium installed, for the tests of pages:
#
#   .ci/chromium.sh go test ./inspect/report/...
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: .ci/chromium.sh COMMAND …" >&2
  exit 2
fi
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium
fi
exec "$@"
