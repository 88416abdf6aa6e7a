#!/usr/bin/env bash
# Installs the packages of package-lock.json where they are missing or older than it, and builds what a checkout needs.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v node >/dev/null || ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "Perimeter needs Node 20.19 or newer: https://nodejs.org" >&2
  exit 1
fi
# npm writes this file at the end of an installation.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  ONNXRUNTIME_NODE_INSTALL=skip npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
elif [ ! -e certification/noise/kernel.wasm ] || ! node --input-type=module --eval 'import { isBuilt } from "./bin/built.js"; process.exit(isBuilt() ? 0 : 1)'; then
  npm run --silent build
fi
