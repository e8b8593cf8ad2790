#!/usr/bin/env bash
# Builds the programs with the planted bugs, turns on one after another, and says by what and on which seed each is found, as rows of a table.
#   tests/PlantedBugs/find.sh [BUG...]          all of them: half an hour on two busy cores
# Exit code 0: all are found. SEEDS is how many seeds are tried at most: 20.
set -uo pipefail
cd "$(dirname "$0")/../.."
seeds=${SEEDS:-20}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
unfound=0

declare -A chaos=(
    [acknowledge-before-commit]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [count-a-failed-child-as-succeeded]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [forget-the-invocation]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [give-capacity-back-twice]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [outlive-the-lease]='--silos 1 --agents 3 --minutes 0.8 --jobs 120 --lease 4'
    [retry-after-cancel]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [retry-after-terminate]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [skip-an-event-number]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [start-dependents-early]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
    [take-a-signal-for-success]='--silos 1 --agents 0 --minutes 0.5 --jobs 120'
)
declare -A tests=(
    [believe-old-reports]='Grains LeftBehindTests'
    [drop-the-unique-index]='Storage AddPostgresStoresTests'
    [forget-the-epoch]='Grains LeftBehindTests'
    [forget-the-version]='Grains LeftBehindTests'
    [renew-without-the-row]='Grains LeftBehindTests'
    [skip-the-fence]='Agent RepeatedOrdersTests'
)

build() { dotnet build "tests/OrleansBatch.$1" -c Planted -v q >"$log" 2>&1 || { cat "$log" >&2; exit 2; }; }

row() {
    echo "| \`$1\` | $2 | $3 |"
    [ "$2" != "not found" ] || unfound=1
}

by_chaos() {
    dotnet "tests/OrleansBatch.Chaos/bin/Planted/net10.0/OrleansBatch.Chaos.dll" --bug "$1" --seed 1 --seeds "$seeds" --until-violated ${chaos[$1]} >"$log" 2>&1
    # The figures' last row is that of the seed that ended it.
    local seed what
    seed=$(tail -1 "$log" | awk -F' *[|] *' '$(NF - 1) > 0 { print $2 }')
    what=$(sed -n 's/^VIOLATED, \([0-9]*\) times: \(.*\)\.$/\2: \1/p' "$log" | paste -sd'@' | sed 's/@/; /g')
    row "$1" "${seed:-not found}" "chaos: ${what:-$(tail -1 "$log")}"
    # What is kept of a violation would only take room here.
    sed -n 's/^[0-9]* violations\. History and logs: //p' "$log" | xargs -r rm -rf
}

by_tests() {
    local project=$1 class=$2 bug=$3 program="tests/OrleansBatch.$1.Tests/bin/Planted/net10.0/OrleansBatch.$1.Tests" filter=-class
    [ "$project" != Agent ] || filter=--filter-class
    ORLEANSBATCH_PLANTED_BUG=$bug ORLEANSBATCH_SEEDS=${SEEDS:-3} "$program" $filter "*$class" >"$log" 2>&1
    local seed test
    seed=$(sed -n 's/.*(seed: \([0-9]*\)).*/\1/p' "$log" | sort -n | head -1)
    test=$(sed -n 's/.*\.\([A-Za-z_]*\)(seed: [0-9]*).*/\1/p' "$log" | sort -u | tr _ ' ' | paste -sd';')
    row "$bug" "${seed:-not found}" "$class: ${test:-$(tail -1 "$log")}"
}

bugs=("$@")
[ "${#bugs[@]}" -gt 0 ] || mapfile -t bugs < <(printf '%s\n' "${!chaos[@]}" "${!tests[@]}" | sort)
built=
for bug in "${bugs[@]}"; do
    if [ -n "${chaos[$bug]:-}" ]; then
        [[ $built == *Chaos* ]] || { build Chaos; built+=" Chaos"; }
        by_chaos "$bug"
    elif [ -n "${tests[$bug]:-}" ]; then
        read -r project class <<<"${tests[$bug]}"
        [[ $built == *$project* ]] || { build "$project.Tests"; built+=" $project"; }
        by_tests "$project" "$class" "$bug"
    else
        echo "There is no planted bug $bug." >&2
        exit 2
    fi
done
exit "$unfound"
