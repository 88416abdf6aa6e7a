#!/usr/bin/env bash
# Installs what is missing and runs the tests, all but those of deployments; arguments go to Vitest.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install.sh
exec node_modules/.bin/vitest run --project main "$@"
