#!/bin/sh
# Ask the index of known weaknesses about every locked package. A weakness is a failure; no answer is none.
# Usage: audit.sh BIN LOCKFILE
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Write pip-audit's report on the lock file $1 to the file $2, empty if there was no answer.
ask() {
    "$bin/pip-audit" --requirement "$1" --disable-pip --require-hashes --progress-spinner off --timeout 20 \
        --format json --output "$2" 2>"$folder/words" || true
}

# Print a line for each weakness of the report $1; fail if there is any.
tell() {
    "$bin/python" - "$1" <<'PYTHON'
import json
import pathlib
import sys

found = [
    f"audit: {package['name']} {package['version']}: {weakness['id']}, mended in {weakness['fix_versions']}"
    for package in json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))["dependencies"]
    for weakness in package.get("vulns", [])
]
print("\n".join(found), end="\n" if found else "")
sys.exit(bool(found))
PYTHON
}

bin=$1

# An index may answer and know nothing of weaknesses (a mirror). So first a release whose weakness has long been public.
echo 'jinja2==2.10 --hash=sha256:f84be1bb0040caca4cea721fcbbbbd61f9be9464ca236387158b0feea01914a4' >"$folder/known.lock"
ask "$folder/known.lock" "$folder/known"
if [ ! -s "$folder/known" ]; then
    echo 'audit: NOT DONE, no index of known weaknesses answers here' >&2
    exit 0
fi
if tell "$folder/known" >/dev/null; then
    echo 'audit: NOT DONE, the index that answers here has no list of known weaknesses' >&2
    exit 0
fi

ask "$2" "$folder/report"
if [ ! -s "$folder/report" ]; then
    echo "audit: NOT DONE, the index stopped answering" >&2
    exit 0
fi
if ! tell "$folder/report" >&2; then
    # shellcheck disable=SC2016
    echo 'audit: raise these versions in pyproject.toml and run `make lock`' >&2
    exit 1
fi
echo "audit: no known weakness in $2"
