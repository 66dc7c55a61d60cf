#!/bin/sh
# Ask the index of known weaknesses about every locked package. A weakness is a failure; no answer is none.
# Usage: audit.sh BIN LOCKFILE
set -eu

report=$(mktemp)
trap 'rm -f "$report" "$report.words"' EXIT

if "$1/pip-audit" --requirement "$2" --disable-pip --require-hashes --progress-spinner off --timeout 20 \
    --format json --output "$report" 2>"$report.words"; then
    echo "audit: no known weakness in $2"
elif [ -s "$report" ]; then
    "$1/python" - "$report" <<'PYTHON' >&2
import json
import pathlib
import sys

for package in json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["dependencies"]:
    for weakness in package.get("vulns", []):
        mended = ", ".join(weakness["fix_versions"]) or "no release yet"
        print(f"audit: {package['name']} {package['version']}: {weakness['id']}, mended in {mended}")
PYTHON
    echo "audit: raise these versions in pyproject.toml and run \`make lock\`" >&2
    exit 1
else
    echo "audit: NOT DONE, the index of known weaknesses did not answer here: $(tail -n 1 "$report.words" | cut -c 1-160)" >&2
fi
