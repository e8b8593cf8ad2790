#!/bin/sh
# The command of every job of the chaos run: writes its own start and end, with fsync, into the witness folder of the node that it runs on.
#   witness.sh SECONDS EXIT[,EXIT...] TERM
# EXIT: the exit code of each attempt, the last one of all further ones. TERM: the exit code after SIGTERM, or "ignore".
# Times are those of the boot clock, in hundredths of a second, rounded down: the same for all, so no order is turned round.

folder=$PWD
while [ ! -d "$folder/witness" ]; do
    [ -n "$folder" ] || exit 99
    folder=${folder%/*}
done

say() {
    read -r up rest </proc/uptime
    echo "$1 $AWS_BATCH_JOB_ID $AWS_BATCH_JOB_ATTEMPT $$ $up $2" >>"$folder/witness/lives"
    sync -d "$folder/witness/lives"
}

finish() {
    # What it says it must do.
    trap '' TERM
    say end "$1"
    [ -z "$sleeper" ] || kill -9 "$sleeper" 2>/dev/null
    exit "$1"
}

seconds=$1 exits=$2 term=$3 sleeper=
if [ "$term" = ignore ]; then trap '' TERM; else trap 'finish "$term"' TERM; fi
say start

if [ "$seconds" != 0 ]; then
    sleep "$seconds" &
    sleeper=$!
    wait "$sleeper"
    sleeper=
fi

attempt=$AWS_BATCH_JOB_ATTEMPT
IFS=,
set -- $exits
unset IFS
while [ "$attempt" -gt 1 ] && [ $# -gt 1 ]; do
    shift
    attempt=$((attempt - 1))
done
finish "$1"
