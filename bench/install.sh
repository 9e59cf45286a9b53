#!/bin/sh
# Installs the peers and tools of the benchmark into bench/.peers. Run it from anywhere; run it
# again after a lock file changed. PYTHON chooses the Python that makes the environments.
set -eu

bench=$(cd "$(dirname "$0")" && pwd)
peers=$bench/.peers
python=${PYTHON:-$bench/../.venv/bin/python}
[ -x "$python" ] || python=$(command -v python3)
# nginx and wrk are measured with; mate-backgrounds holds the photograph and is only unpacked.
packages="nginx wrk"
photos=mate-backgrounds

mkdir -p "$peers"

missing=""
command -v wrk >/dev/null || missing="$missing wrk"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        # shellcheck disable=SC2086
        apt-get install -y -qq --no-install-recommends $missing
    else
        echo "bench: these Debian packages are missing:$missing" >&2
        echo "bench: as root: apt-get install $packages" >&2
        exit 1
    fi
fi
for tool in node npm; do
    command -v $tool >/dev/null || { echo "bench: $tool is missing (Node 20 or newer)" >&2; exit 1; }
done

environment() { # name, lock file
    if ! cmp -s "$2" "$peers/$1/installed.lock"; then
        rm -rf "${peers:?}/$1"
        "$python" -m venv "$peers/$1"
        "$peers/$1/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$2"
        cp "$2" "$peers/$1/installed.lock"
    fi
}
environment thumbor "$bench/thumbor.lock"
environment tools "$bench/tools.lock"

if ! cmp -s "$bench/package-lock.json" "$peers/npm/installed.lock"; then
    mkdir -p "$peers/npm"
    cp "$bench/package.json" "$bench/package-lock.json" "$peers/npm/"
    # sharp brings its binaries as packages, so no install script has to run.
    (cd "$peers/npm" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cp "$bench/package-lock.json" "$peers/npm/installed.lock"
fi

if [ ! -f "$peers/photo.jpg" ]; then
    if command -v apt-get >/dev/null; then
        folder=$(mktemp -d)
        trap 'rm -rf "$folder"' EXIT
        chmod 755 "$folder"
        (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root $photos && dpkg-deb -x ./*.deb files)
        cp "$folder/files/usr/share/backgrounds/mate/nature/Dune.jpg" "$peers/photo.jpg"
    else
        echo "bench: no apt-get to fetch $photos from: give your own files with --pictures" >&2
    fi
fi
