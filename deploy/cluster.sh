#!/usr/bin/env bash
# A whole cluster on this machine: PostgreSQL, three silos and three agents, each a process of its own, with certificates of a private CA.
#   deploy/cluster.sh start     builds what is missing, starts everything, and says where it is
#   deploy/cluster.sh status    what runs
#   deploy/cluster.sh stop      stops it all, jobs included; the data stays
#   deploy/cluster.sh remove    stops it and removes the data
# ORLEANSBATCH_CLUSTER: the folder of everything it keeps (default: orleansbatch-cluster in the user's folder for application data).
# ORLEANSBATCH_PORT: the first silo's port (default 8000; the others have the next two). SILOS, AGENTS: how many of each (default 3).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
home=${ORLEANSBATCH_CLUSTER:-${XDG_DATA_HOME:-$HOME/.local/share}/orleansbatch-cluster}
port=${ORLEANSBATCH_PORT:-8000}
silos=${SILOS:-3}
agents=${AGENTS:-3}
silo=$root/silo/OrleansBatch.Silo/bin/Release/net10.0/OrleansBatch.Silo
agent=$root/client/OrleansBatch.Agent/bin/Release/net10.0/orleansbatch-agent
console=$root/client/OrleansBatch.Client/bin/Release/net10.0/orleansbatch

fail() { echo "$*" >&2; exit 1; }

# The programs of PostgreSQL, newest first; they refuse to run as root, so then another user runs them.
postgres_bin() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -V | tail -1)
    [ -n "$found" ] && { echo "$found"; return; }
    found=$(command -v initdb) && dirname "$(readlink -f "$found")" && return
    fail "PostgreSQL 15 or newer is missing (Debian: apt-get install postgresql)."
}

as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
    else
        "$@"
    fi
}

runs() { [ -s "$home/$1.pid" ] && kill -0 "$(cat "$home/$1.pid")" 2>/dev/null; }

# A program in the background, with its output in a file of its name and its process id beside it.
launch() {
    local name=$1
    shift
    runs "$name" && return
    setsid nohup "$@" >>"$home/$name.log" 2>&1 </dev/null &
    echo $! >"$home/$name.pid"
}

await() {
    local name=$1 what=$2
    for _ in $(seq 300); do
        if eval "$what" >/dev/null 2>&1; then return; fi
        runs "$name" || break
        sleep 0.2
    done
    tail -20 "$home/$name.log" >&2
    fail "$name does not start; its log is $home/$name.log"
}

start_postgres() {
    local bin
    bin=$(postgres_bin)
    mkdir -p "$home/postgres"
    [ "$(id -u)" != 0 ] || { chmod 711 "$home"; chown postgres "$home/postgres"; }
    if [ ! -d "$home/postgres/data" ]; then
        (umask 077; head -c 24 /dev/urandom | base64 | tr -d '/+=' >"$home/password")
        [ "$(id -u)" != 0 ] || install -m 600 -o postgres "$home/password" "$home/postgres/password"
        [ "$(id -u)" = 0 ] || cp -p "$home/password" "$home/postgres/password"
        as_postgres "$bin/initdb" -D "$home/postgres/data" -U orleansbatch --pwfile="$home/postgres/password" \
            --auth=scram-sha-256 --encoding=UTF8 --locale=C >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; fail "initdb failed."; }
        rm "$home/postgres/password"
    fi
    if ! runs postgres; then
        # What a killed server left behind is put right by itself; it only must not be there twice.
        if [ "$(id -u)" = 0 ]; then
            launch postgres setpriv --reuid=postgres --regid=postgres --clear-groups -- "$bin/postgres" -D "$home/postgres/data" -p $((port + 90)) \
                -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200
        else
            launch postgres "$bin/postgres" -D "$home/postgres/data" -p $((port + 90)) -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200
        fi
    fi
    await postgres "$bin/pg_isready -h 127.0.0.1 -p $((port + 90))"
}

start() {
    mkdir -p "$home"
    if [ ! -x "$silo" ] || [ ! -x "$agent" ] || [ ! -x "$console" ]; then
        dotnet build "$root/OrleansBatch.sln" -c Release -v q --nologo
    fi
    local papers=$home/certificates
    [ -e "$papers/silo-localhost.crt" ] || "$console" certificates create "$papers" --silo localhost,127.0.0.1 --client console >/dev/null
    for n in $(seq "$agents"); do
        [ -e "$papers/node-$n.crt" ] || "$console" certificates create "$papers" --node "$n" >/dev/null
    done
    start_postgres
    local database="Host=127.0.0.1;Port=$((port + 90));Username=orleansbatch;Password=$(cat "$home/password");Database=postgres"
    for n in $(seq "$silos"); do
        OrleansBatch__Database=$database launch "silo-$n" "$silo" --address 127.0.0.1 --port $((port + n - 1)) \
            --silo-port $((port + 10 + n)) --gateway-port $((port + 20 + n)) --agent-port $((port + 30 + n)) --data "$home/silo-$n" \
            --ca "$papers/ca.crt" --certificate "$papers/silo-localhost.crt" --key "$papers/silo-localhost.key"
    done
    for n in $(seq "$silos"); do
        await "silo-$n" "curl -sf http://127.0.0.1:$((port + n - 1))/readyz"
    done
    for n in $(seq "$agents"); do
        launch "node-$n" "$agent" --data "$home/node-$n" --ca "$papers/ca.crt" --certificate "$papers/node-$n.crt" --key "$papers/node-$n.key" \
            --stop-jobs $(for s in $(seq "$silos"); do echo --silo "https://127.0.0.1:$((port + 30 + s))"; done)
    done
    set_up
    say
}

# An environment that all agents serve, a queue and a definition, once.
set_up() {
    [ ! -e "$home/set-up" ] || return 0
    "$console" --endpoint "http://127.0.0.1:$port" environments create local --type UNMANAGED >/dev/null
    "$console" --endpoint "http://127.0.0.1:$port" queues create default --environment local >/dev/null
    "$console" --endpoint "http://127.0.0.1:$port" definitions create shell -- /bin/sh -c 'echo Hello from job $AWS_BATCH_JOB_ID' >/dev/null
    touch "$home/set-up"
}

say() {
    echo "The cluster runs. Its silos, all alike:"
    for n in $(seq "$silos"); do
        echo "  http://127.0.0.1:$((port + n - 1)), gateway 127.0.0.1:$((port + 20 + n))"
    done
    echo "Try:"
    echo "  aws --endpoint-url http://127.0.0.1:$port --region us-east-1 batch describe-job-queues"
    echo "  $console run --endpoint http://127.0.0.1:$((port + 1)) -- sh -c 'echo this is job \$AWS_BATCH_JOB_ID'"
    echo "  $console --gateway 127.0.0.1:$((port + 23)) --ca $home/certificates/ca.crt --certificate $home/certificates/client-console.crt --key $home/certificates/client-console.key hosts"
    echo "Logs and data: $home. Stop it with $0 stop"
}

status() {
    for name in postgres $(seq -f 'silo-%g' "$silos") $(seq -f 'node-%g' "$agents"); do
        if runs "$name"; then echo "$name runs as process $(cat "$home/$name.pid")"; else echo "$name does not run"; fi
    done
}

# Agents first, with their jobs; then the silos, which drain; then the database.
halt() {
    local name
    for name in "$@"; do
        if runs "$name"; then kill -TERM "$(cat "$home/$name.pid")"; fi
    done
    for name in "$@"; do
        for _ in $(seq 450); do
            runs "$name" || break
            sleep 0.2
        done
        if runs "$name"; then kill -KILL "$(cat "$home/$name.pid")"; fi
        rm -f "$home/$name.pid"
    done
}

stop() {
    [ -d "$home" ] || { echo "There is no cluster in $home."; return; }
    halt $(seq -f 'node-%g' "$agents")
    halt $(seq -f 'silo-%g' "$silos")
    # At once: whoever is still connected is not waited for.
    if runs postgres; then kill -INT "$(cat "$home/postgres.pid")"; fi
    halt postgres
    echo "The cluster is stopped."
}

case ${1:-} in
start) start ;;
stop) stop ;;
status) status ;;
remove) stop && rm -rf "$home" ;;
*) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
