#!/usr/bin/env bash
# Builds everything and runs all tests. Installs the foreign programs that the tests drive and the machine lacks: the aws command,
# boto3, Toil and PostgreSQL as Debian's packages (as root), the AWS SDK for JavaScript by npm. Where one cannot be had, its tests are skipped.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
command -v aws >/dev/null || missing+=(awscli)
/usr/bin/python3 -c 'import boto3' 2>/dev/null || missing+=(python3-boto3)
/usr/bin/python3 -c 'import toil.batchSystems.awsBatch' >/dev/null 2>&1 || missing+=(toil python3-boto)
command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
if [ "${#missing[@]}" -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        for package in "${missing[@]}"; do
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
                echo "The package $package cannot be installed: the tests that drive it are skipped." >&2
        done
    else
        echo "Missing (Debian: apt-get install ${missing[*]}): the tests that drive them are skipped." >&2
    fi
fi

sdk=tests/OrleansBatch.EndToEnd.Tests/Clients/node
if [ ! -d "$sdk/node_modules/@aws-sdk" ] && command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then
    npm install --prefix "$sdk" --no-audit --no-fund --no-package-lock --loglevel=error ||
        echo "The AWS SDK for JavaScript cannot be installed: the test that drives it is skipped." >&2
fi

dotnet build OrleansBatch.sln -c Release
dotnet test --solution OrleansBatch.sln -c Release --no-build "$@"
