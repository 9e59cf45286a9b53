#!/usr/bin/env bash
# Writes the lock files anew: every package with its version and hashes, no download addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
index=$(.venv/bin/pip config get global.index-url 2>/dev/null || true)
lock() {
  # shellcheck disable=SC2086
  .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --no-annotate ${index:+--index-url "$index"} "$@"
}
lock pyproject.toml --extra heic --extra postgresql --extra redaction --group build -o requirements/run.txt
lock pyproject.toml --extra faces --extra heic --extra postgresql --extra redaction --extra testing --group build --group test --group lint -o requirements/dev.txt
lock --group fuzz -o requirements/fuzz.txt
