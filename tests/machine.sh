#!/bin/sh
# Two things the tests need do not come from PyPI: Chromium and a PostgreSQL server. Where we may, we install them.
set -u
wants() { # wants NAME PACKAGE CHECK...
    name=$1; package=$2; shift 2
    if "$@" >/dev/null 2>&1; then return 0; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing $name ($package)"
        { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$package"; } >/dev/null 2>&1
        if "$@" >/dev/null 2>&1; then return 0; fi
    fi
    echo "$name is missing. Install it with:  sudo apt-get install -y $package" >&2
    return 1
}
postgres_here() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }
chromium_here() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
missing=0
wants Chromium chromium chromium_here || missing=1
wants "A PostgreSQL server" postgresql postgres_here || missing=1
exit $missing
