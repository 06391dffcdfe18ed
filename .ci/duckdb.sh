#!/usr/bin/env bash
# Runs a command with DuckDB for Node, which reads the Parquet files that asof writes:
#
#   .ci/duckdb.sh go test ./cmd -run DuckDB
#
# The command gets the folder of DuckDB in ASOF_TEST_DUCKDB. It is in a temporary folder
# that is removed when the command ends. Where it cannot be installed, the command runs
# without it, and its tests are skipped.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: .ci/duckdb.sh COMMAND …" >&2
  exit 2
fi
if [ -n "${ASOF_TEST_DUCKDB:-}" ]; then
  exec "$@"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if command -v node >/dev/null && command -v npm >/dev/null &&
  npm install --prefix "$folder" --no-audit --no-fund --loglevel=error @duckdb/node-api@1.5.6-r.1 >/dev/null; then
  export ASOF_TEST_DUCKDB=$folder
else
  echo "DuckDB is not installed: its tests are skipped" >&2
fi
"$@"
