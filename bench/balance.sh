#!/usr/bin/env bash
# bench/balance.sh [PLIMSOLL]: what balancing is worth in seconds by the clock. Two devices, skewed loads; experts in order
# against `auto`, both predicted with a cost measured just before, on micro-steps that the measurement has not seen.
set -euo pipefail
plimsoll=${1:-build/release/plimsoll}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$plimsoll" calibrate --model deepseek-v2-lite --devices 2 --tokens 1024 --repeats 5 -o "$folder/cost.json" 2>/dev/null
"$plimsoll" generate experts --experts 16 --top-k 2 --layers 2 --devices-per-node 2 --slots 9 --microsteps 4 --skew 0.6 \
  --volatility 30 --tokens 4096 --seed 5 -o "$folder/instance.json"
for method in static auto; do
  "$plimsoll" solve "$folder/instance.json" --cost "$folder/cost.json" --method $method --work-limit 3e7 --quiet \
    -o "$folder/$method.json"
done
# In turns, so that both meet the same machine.
for turn in 1 2; do
  for method in static auto; do
    "$plimsoll" run "$folder/instance.json" "$folder/$method.json" --cost "$folder/cost.json" --model deepseek-v2-lite \
      --no-control --quiet -o "$folder/$method.$turn.json"
  done
done
python3 - "$folder" <<'PYTHON'
import json, sys
best = {}
for method in ("static", "auto"):
    runs = [json.load(open(f"{sys.argv[1]}/{method}.{turn}.json")) for turn in (1, 2)]
    best[method] = min(runs, key=lambda run: run["expert_seconds"])
    run = best[method]
    print(f"{method:7} measured {run['expert_seconds']:.3f} s, predicted {run['prediction']['expert_seconds']:.3f} s, "
          f"imbalance {run['imbalance']['measured']:.3f} and {run['imbalance']['predicted']:.3f}, error of device times "
          f"{run['prediction']['median_error']:.1%} median, {run['prediction']['p95_error']:.1%} 95th percentile, "
          f"others busy {run['other_busy']:.1%}")
measured = best["static"]["expert_seconds"] / best["auto"]["expert_seconds"]
predicted = best["static"]["prediction"]["expert_seconds"] / best["auto"]["prediction"]["expert_seconds"]
print(f"speedup {measured:.3f} measured, {predicted:.3f} predicted: {measured / predicted - 1:+.1%}")
PYTHON
