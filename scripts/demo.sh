#!/usr/bin/env bash
# Installs what is missing and certifies the Fashion-MNIST example on Temporal workers; arguments go to `certify`.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install.sh
exec node --import tsx scripts/demo.ts "$@"
