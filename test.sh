#!/usr/bin/env bash
# Builds everything and runs all tests. Installs what the tests drive and the machine lacks: the aws command.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v aws >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends awscli
    else
        echo "The aws command is missing (Debian: apt-get install awscli): the tests that drive it are skipped." >&2
    fi
fi

dotnet build OrleansBatch.sln -c Release
dotnet test --solution OrleansBatch.sln -c Release --no-build "$@"
