#!/usr/bin/env bash
# run.sh BUILD SECONDS [TARGET…] lets each fuzz target (all of them) run for so long, one a core.
#
# What a target learns is kept in BUILD/corpus/TARGET and begins the next run; what breaks it goes to
# tests/fuzz/crashes/TARGET, from where the unit tests replay it. One line a target on stdout; ends
# with 1 where one of them broke.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

run_one() { # BUILD SECONDS TARGET
  local corpus=$1/corpus/$3 crashes=$here/crashes/$3 log=$1/corpus/$3.log status=0
  mkdir -p "$corpus" "$crashes"
  "$here/seeds.py" "$3" "$corpus"
  local dictionary=()
  [[ -s $corpus.dict ]] && dictionary=(-dict="$corpus.dict")
  "$1/bin/fuzz_$3" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -use_value_profile=1 -print_final_stats=1 "${dictionary[@]}" \
    -artifact_prefix="$crashes/" "$corpus" >"$log" 2>&1 || status=$?
  rmdir "$crashes" 2>/dev/null || true # nothing was found
  printf '%-18s %s, %s, %s inputs kept: %s\n' "$3" \
    "$(sed -n 's/^stat::number_of_executed_units: */executions /p' "$log")" \
    "$(grep -o 'cov: [0-9]*' "$log" | tail -1)" "$(find "$corpus" -type f | wc -l)" \
    "$( ((status)) && echo "BROKEN, see $log" || echo sound)"
  return "$status"
}

if [[ ${1:-} == --one ]]; then
  shift
  run_one "$@" || exit 1
  exit 0
fi
build=$(cd "$1" && pwd)
seconds=$2
shift 2
(($#)) || set -- $(cd "$build/bin" && printf '%s\n' fuzz_* | sed 's/^fuzz_//')
printf '%s\n' "$@" | xargs -P "${CAVRA_FUZZ_JOBS:-$(nproc)}" -I{} "$here/run.sh" --one "$build" "$seconds" {}
