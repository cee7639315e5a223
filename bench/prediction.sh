#!/usr/bin/env bash
# bench/prediction.sh [PLIMSOLL]: how well device times are foretold. Eight devices that take turns on the cores, OLMoE's
# shape, micro-steps that the measurement of the cost has not seen; medians over three runs, and each run alone.
set -euo pipefail
plimsoll=${1:-build/release/plimsoll}
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$plimsoll" calibrate --model olmoe-1b-7b --devices 8 --tokens 1024 --repeats 9 -o "$folder/cost.json" 2>/dev/null
"$plimsoll" generate experts --experts 64 --top-k 8 --layers 2 --devices-per-node 8 --slots 10 --microsteps 6 --skew 0.6 \
  --volatility 30 --tokens 2048 --seed 11 -o "$folder/instance.json"
"$plimsoll" solve "$folder/instance.json" --cost "$folder/cost.json" --work-limit 3e7 --quiet -o "$folder/plan.json"
for turn in 1 2 3; do
  "$plimsoll" run "$folder/instance.json" "$folder/plan.json" --cost "$folder/cost.json" --model olmoe-1b-7b --no-control \
    --quiet -o "$folder/run.$turn.json"
done
PYTHONPATH=$here python3 - "$folder"/run.*.json <<'PYTHON'
import json, sys, run_reports
for name, paths in [("medians", sys.argv[1:])] + [(f"run {n}", [path]) for n, path in enumerate(sys.argv[1:], 1)]:
    windows = run_reports.windows(paths)
    median, p95 = run_reports.errors(windows)
    seats = json.load(open(paths[0]))["seats"]
    measured, predicted = run_reports.expert_seconds(windows, seats)
    print(f"{name:8} {len(windows)} windows of 8 devices: error {median:.1%} median, {p95:.1%} 95th percentile; experts "
          f"{measured:.3f} s measured, {predicted:.3f} s predicted; others busy {run_reports.others(paths):.1%}")
PYTHON
