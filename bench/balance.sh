#!/usr/bin/env bash
# bench/balance.sh [PLIMSOLL]: what balancing is worth in seconds by the clock. Two devices, skewed loads; experts in order
# against `auto`, both predicted with a cost measured just before, on micro-steps that the measurement has not seen.
set -euo pipefail
plimsoll=${1:-build/release/plimsoll}
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$plimsoll" calibrate --model deepseek-v2-lite --devices 2 --tokens 1024 --repeats 9 -o "$folder/cost.json" 2>/dev/null
"$plimsoll" generate experts --experts 16 --top-k 2 --layers 2 --devices-per-node 2 --slots 9 --microsteps 4 --skew 0.6 \
  --volatility 30 --tokens 4096 --seed 5 -o "$folder/instance.json"
for method in static auto; do
  "$plimsoll" solve "$folder/instance.json" --cost "$folder/cost.json" --method $method --work-limit 3e7 --quiet \
    -o "$folder/$method.json"
done
# In turns, so that both meet the same machine.
for turn in 1 2 3 4 5; do
  for method in static auto; do
    "$plimsoll" run "$folder/instance.json" "$folder/$method.json" --cost "$folder/cost.json" --model deepseek-v2-lite \
      --no-control --quiet -o "$folder/$method.$turn.json"
  done
done
PYTHONPATH=$here python3 - "$folder" <<'PYTHON'
import sys, run_reports
seconds = {}
for method in ("static", "auto"):
    paths = [f"{sys.argv[1]}/{method}.{turn}.json" for turn in range(1, 6)]
    windows = run_reports.windows(paths)
    median, p95 = run_reports.errors(windows)
    seconds[method] = run_reports.expert_seconds(windows, 2)
    print(f"{method:7} measured {seconds[method][0]:.3f} s, predicted {seconds[method][1]:.3f} s, error of device times "
          f"{median:.1%} median, {p95:.1%} 95th percentile, others busy {run_reports.others(paths):.1%} at most")
measured, predicted = (seconds["static"][k] / seconds["auto"][k] for k in (0, 1))
print(f"speedup {measured:.3f} measured, {predicted:.3f} predicted: {measured / predicted - 1:+.1%}")
PYTHON
