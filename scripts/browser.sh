#!/bin/sh
# See to it that the browser tests have a Chromium: the system's, else Debian's package as root, else Playwright's own.
# Usage: browser.sh BIN
set -eu

if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet --quiet
    apt-get install --quiet --quiet --yes --no-install-recommends chromium >/dev/null
else
    "$1/playwright" install chromium
fi
