#!/usr/bin/env bash
# Installs what is missing and runs the tests of images, Kubernetes and infra/; arguments go to Vitest.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install.sh
bash scripts/install-infra.sh
exec node_modules/.bin/vitest run --project infra --project image --project cluster "$@"
