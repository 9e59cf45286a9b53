#!/usr/bin/env bash
# Fetches the test pictures of Pillow's source distribution into tests/.corpus, once a version.
# Nothing is built. pip asks a source distribution for its name even where it only downloads it,
# and that runs its build backend: hence the tools beside it, all of them by hash.
set -euo pipefail
cd "$(dirname "$0")/../.."
wanted=$(cat requirements/corpus.txt requirements/corpus-tools.txt | cksum)
corpus=tests/.corpus
[ "$(cat $corpus/stamp 2>/dev/null || true)" = "$wanted" ] && exit 0
rm -rf $corpus
mkdir -p $corpus/pictures
trap 'rm -rf $corpus/tools $corpus/download' EXIT
"${PYTHON:-python3}" -m venv $corpus/tools
pip() { PIP_DISABLE_PIP_VERSION_CHECK=1 $corpus/tools/bin/pip -q "$@"; }
pip install --require-hashes --no-deps -r requirements/corpus-tools.txt
pip download --require-hashes --no-deps --no-build-isolation --no-binary :all: \
  -d $corpus/download -r requirements/corpus.txt
tar -xzf $corpus/download/*.tar.gz -C $corpus/pictures --strip-components=3 \
  --no-same-owner --wildcards '*/Tests/images/*'
echo "$wanted" >$corpus/stamp
