#!/usr/bin/env bash
# Installs the packages of infra/ where they are missing or older than its package-lock.json.
set -euo pipefail
cd "$(dirname "$0")/../infra"
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
