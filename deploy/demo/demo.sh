#!/usr/bin/env bash
# A server, two workers and a search for spoken-keyword networks, all on this machine. Started by `./run demo`.
#   --fresh   begin a new study (the default); the data set is kept
#   --resume  go on with the study of the last demo, wherever it was
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly BIN=$PWD/build/release/bin
readonly HOME_DIR=$PWD/build/demo STUDY=kws-demo
export PHOTINUS_OWNER=demo

usage() { echo "usage: ./run demo [--fresh|--resume]" >&2; exit 2; }
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

pids=()
cleanup() {
  trap '' INT TERM
  # Workers first: they hand unfinished trials back to the server before it goes.
  local i
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -TERM "${pids[i]}" 2>/dev/null || true
    wait "${pids[i]}" 2>/dev/null || true
  done
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# setsid: Ctrl-C reaches only this script, which then ends the others in order.
start_server() {
  rm -f "$HOME_DIR/address"
  setsid "$BIN/photinus-server" --storage "sqlite://$HOME_DIR/photinus.db" --listen 127.0.0.1:0 \
    >"$HOME_DIR/address" 2>>"$HOME_DIR/server.log" &
  pids+=($!)
  until grep -qs '^listening on' "$HOME_DIR/address"; do
    kill -0 "${pids[0]}" 2>/dev/null || { tail -5 "$HOME_DIR/server.log" >&2; exit 1; }
    read -rt 0.1 <> <(:) || true
  done
  PHOTINUS_SERVER=$(sed -n 's/^listening on //p' "$HOME_DIR/address")
  export PHOTINUS_SERVER
}

start_worker() {
  setsid "$BIN/photinus-worker" --server "$PHOTINUS_SERVER" --name "$1" --slots 1 --device cpu \
    --data-dir "$HOME_DIR/data" --exit-when-idle >>"$HOME_DIR/$1.log" 2>&1 &
  pids+=($!)
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
  local mode=--fresh
  [ $# -le 1 ] || usage
  [ $# -eq 0 ] || mode=$1
  case $mode in
    --fresh) rm -rf "$HOME_DIR"/photinus.db* "$HOME_DIR"/*.log ;;
    --resume) [ -e "$HOME_DIR/photinus.db" ] || { echo "demo: nothing to resume in $HOME_DIR; run ./run demo" >&2; exit 1; } ;;
    *) usage ;;
  esac
  mkdir -p "$HOME_DIR/data"
  say "spoken keywords: synthesizing the data set (once; kept in build/demo/data)"
  "$BIN/photinus-trial" data --data-dir "$HOME_DIR/data"
  start_server
  say "server on $PHOTINUS_SERVER, database $HOME_DIR/photinus.db"
  "$BIN/photinus" study create -f deploy/demo/keywords.yaml
  start_worker worker-1
  start_worker worker-2
  say "two workers search (logs in $HOME_DIR)"
  "$BIN/photinus" study watch "$STUDY"
  show_best
}

main "$@"
