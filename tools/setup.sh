#!/usr/bin/env bash
# Sets up one folder for work: system packages (installed as root, named otherwise), a virtual
# environment from the hashed lock, and the front-end files that the morning page carries.
# With the word "spark" it adds what a night on Spark needs: Java and PySpark, which are large.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
python=${PYTHON:-python3}
missing=()

install_missing() { # as root; otherwise the packages are named
	((${#missing[@]})) || return 0
	if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
		echo "set-up: installing system packages: ${missing[*]}"
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
	else
		echo "set-up: these system packages are missing; install them as root, then run again:" >&2
		echo "    apt-get install --no-install-recommends ${missing[*]}" >&2
	fi
}

if [[ ${2:-} == spark ]]; then
	command -v java >/dev/null || [[ -x ${JAVA_HOME:-/nowhere}/bin/java ]] || missing+=(openjdk-17-jre-headless)
	install_missing
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	exit
fi

"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
command -v npm >/dev/null || missing+=(npm)
command -v chromium >/dev/null || missing+=(chromium)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
fc-list 2>/dev/null | grep -q 'Noto Sans CJK' || missing+=(fonts-noto-cjk)
command -v pdftotext >/dev/null || missing+=(poppler-utils) # the tests read the PDF files with it
install_missing
"$python" -c 'import ensurepip, venv' 2>/dev/null && command -v npm >/dev/null || exit 1

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	echo "set-up: recoup needs Python 3.11 or newer; $python is $("$python" --version)" >&2
	exit 1
}
[[ -x $venv/bin/python ]] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
npm ci --silent --no-progress
"$venv/bin/python" tools/build_hook.py
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
