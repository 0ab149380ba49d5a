#!/bin/sh
# Makes sure that the browser tests have a Chromium: the system's, else one installed by apt-get, else Playwright's.
# Usage: browser.sh BIN, the virtual environment's folder of programs.
set -eu

if command -v chromium || command -v google-chrome; then
    exit 0
fi

with_deps=
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    # `with_deps` also lets Playwright install the shared libraries that its own build needs.
    with_deps=--with-deps
    if apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium && command -v chromium; then
        exit 0
    fi
fi

if "$1/playwright" install $with_deps chromium; then
    exit 0
fi
echo "The browser tests need Chromium, and none could be installed. Install the package 'chromium' or Google Chrome, then" \
    "run 'make test' again." >&2
exit 1
