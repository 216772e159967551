#!/usr/bin/env bash
# A server, two workers and a search for spoken-keyword networks, all on this machine. Started by `./run demo`.
#   --fresh   begin a new study (the default); the data set is kept
#   --resume  go on with the study of the last demo, wherever it was
set -euo pipefail
export LC_ALL=C.UTF-8  # numbers with a decimal point
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly BIN=$PWD/build/release/bin
readonly HOME_DIR=${PHOTINUS_DEMO_DIR:-$PWD/build/demo} STUDY=kws-demo
export PHOTINUS_OWNER=demo

usage() { echo "usage: ./run demo [--fresh|--resume]" >&2; exit 2; }
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

pids=()     # of all that this script started, the server first
workers=()  # those of the workers
cleanup() {
  trap '' INT TERM
  # Workers before the server: they hand unfinished trials back to it.
  local i
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -TERM "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" 2>/dev/null || true
  done
  [ ${#pids[@]} = 0 ] || rm -f "$HOME_DIR/pids"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

started() {
  pids+=("$1")
  printf '%s\n' "${pids[@]}" >"$HOME_DIR/pids"
}

# A demo that was killed by force leaves its processes behind: ends them, and refuses to disturb one that still runs.
end_leftovers() {
  exec {demo_lock}>"$HOME_DIR/lock"
  flock -n "$demo_lock" || { echo "demo: another demo runs in $HOME_DIR" >&2; exit 1; }
  [ -e "$HOME_DIR/pids" ] || return 0
  local pid
  for pid in $(sort -rn "$HOME_DIR/pids"); do
    grep -qsF "$HOME_DIR" "/proc/$pid/cmdline" || continue  # the number is another program's by now
    kill -TERM "$pid"
    until ! kill -0 "$pid" 2>/dev/null; do pause; done
  done
  rm -f "$HOME_DIR/pids"
}

pause() { read -rt 0.1 <> <(:) || true; }

# setsid: Ctrl-C reaches only this script, which then ends the others in order.
start_server() {
  rm -f "$HOME_DIR/address"
  setsid "$BIN/photinus-server" --storage "sqlite://$HOME_DIR/photinus.db" --listen 127.0.0.1:0 \
    >"$HOME_DIR/address" 2>>"$HOME_DIR/server.log" {demo_lock}>&- &
  started $!
  until grep -qs '^listening on' "$HOME_DIR/address"; do
    kill -0 "${pids[0]}" 2>/dev/null || { tail -5 "$HOME_DIR/server.log" >&2; exit 1; }
    pause
  done
  PHOTINUS_SERVER=$(sed -n 's/^listening on //p' "$HOME_DIR/address")
  export PHOTINUS_SERVER
}

start_worker() {
  setsid "$BIN/photinus-worker" --server "$PHOTINUS_SERVER" --name "$1" --slots 1 --device cpu \
    --data-dir "$HOME_DIR/data" --exit-when-idle >>"$HOME_DIR/$1.log" 2>&1 {demo_lock}>&- &
  started $!
  workers+=($!)
}

# Shows the study until it is complete. A worker may leave when nothing is left to do, but must not fail.
watch_study() {
  "$BIN/photinus" study watch "$STUDY" {demo_lock}>&- &
  local watch=$! ended status
  started $watch
  while :; do
    status=0
    wait -n -p ended "$watch" "${workers[@]}" || status=$?
    if [ "$ended" = "$watch" ]; then return $status; fi
    [ $status = 0 ] || { echo "demo: a worker failed:" >&2; tail -n 5 "$HOME_DIR"/worker-*.log >&2; exit 1; }
    for i in "${!workers[@]}"; do
      [ "${workers[i]}" != "$ended" ] || unset "workers[i]"
    done
  done
}

# field TRIAL-CSV NAME: the named column of the first row.
field() { awk -F, -v name="$2" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) c = i} NR == 2 {print $c}' "$1"; }

show_best() {
  local trial folder accuracy size
  say "the best trials"
  "$BIN/photinus" trial list "$STUDY" --filter "state = 'SUCCEEDED'" --sort -reward -n 5
  "$BIN/photinus" trial best "$STUDY" -o csv >"$HOME_DIR/best.csv"
  trial=$(field "$HOME_DIR/best.csv" id)
  folder=$HOME_DIR/best
  rm -rf "$folder"
  "$BIN/photinus" trial fetch "$STUDY" "$trial" -o "$folder" >/dev/null
  accuracy=$(sed -n 's/.*"int8_test_accuracy": *\([0-9.]*\).*/\1/p' "$folder/profile.json" | head -n 1)
  size=$(stat -c %s "$folder/model.tflite")
  say "its accuracy on voices that the search never heard, measured on the exported int8 file"
  printf 'best: trial %s int8_test_accuracy %.3f size_bytes %s tflite %s\n' "$trial" "$accuracy" "$size" "$folder/model.tflite"
}

main() {
  local mode=${1:---fresh}
  [ $# -le 1 ] && [[ $mode == --fresh || $mode == --resume ]] || usage
  mkdir -p "$HOME_DIR/data"
  end_leftovers
  [ "$mode" = --resume ] || rm -rf "$HOME_DIR"/photinus.db* "$HOME_DIR"/*.log
  say "spoken keywords: synthesizing the data set (once; kept in $HOME_DIR/data)"
  "$BIN/photinus-trial" data --data-dir "$HOME_DIR/data"
  start_server
  say "server on $PHOTINUS_SERVER, database $HOME_DIR/photinus.db"
  "$BIN/photinus" study create -f deploy/demo/keywords.yaml
  start_worker worker-1
  start_worker worker-2
  say "two workers search (logs in $HOME_DIR)"
  watch_study
  show_best
}

main "$@"
