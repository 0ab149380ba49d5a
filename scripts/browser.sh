#!/bin/sh
# Make sure that the browser tests have a Chromium: the system's, or one that apt-get installs, or Playwright's.
# They also visit Firefox if the system has it, or if apt-get can install it.
# Usage: browser.sh BIN. BIN is the virtual environment's folder of programs.
set -eu

may_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null
}

install() {
    may_install && apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes "$1"
}

command -v firefox-esr || command -v firefox || install firefox-esr || install firefox || true

if command -v chromium || command -v google-chrome; then
    exit 0
fi

with_deps=
if may_install; then
    # With `with_deps`, Playwright also installs the shared libraries that its own Chromium needs.
    with_deps=--with-deps
    if install chromium && command -v chromium; then
        exit 0
    fi
fi

if "$1/playwright" install $with_deps chromium; then
    exit 0
fi
echo "The browser tests need Chromium, and none could be installed. Install the package 'chromium' or Google Chrome, then" \
    "run 'make test' again." >&2
exit 1
