#!/usr/bin/env bash
# bench/transfers.sh [PLIMSOLL]: where transfers stop paying. One step with wild micro-steps, planned for link speeds over
# two decades and run with the link model on: what the plan says is hidden, what was, and the run with everything preloaded.
set -euo pipefail
plimsoll=${1:-build/release/plimsoll}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$plimsoll" calibrate --model olmoe-1b-7b --devices 2 --tokens 1024 --no-link --quiet -o "$folder/cost.json"
instance() { # transient slots, link rate
  "$plimsoll" generate experts --experts 32 --top-k 4 --layers 2 --devices-per-node 2 --slots 16 --microsteps 6 \
    --transient-pool-slots "$1" --volatility 4 --expert-bytes 12582912 --intra "$2" --host "$2" --tokens 4096 \
    --seed 7 -o "$folder/instance.json"
  "$plimsoll" solve "$folder/instance.json" --cost "$folder/cost.json" --work-limit 3e7 --quiet -o "$folder/plan.json"
}
instance 0 1e9
python3 - "$folder/plan.json" <<'PYTHON'
import json, sys
certificate = json.load(open(sys.argv[1]))["certificate"]
print(f"without transfers: planned {certificate['objective']:.3f} s, bound {certificate['bound']:.3f} s")
PYTHON
printf '%-9s %9s %9s %9s %9s %9s %9s %9s %9s %10s\n' \
  link_GB/s transfers planned_s bound_s gap hidden: planned measured ratio preloaded
for rate in 1e7 3e7 1e8 2e8 4e8 1e9 2e9 4e9 1e10; do
  instance 2 $rate
  "$plimsoll" run "$folder/instance.json" "$folder/plan.json" --cost "$folder/cost.json" --model olmoe-1b-7b \
    --link-model --quiet -o "$folder/report.json"
  python3 - "$rate" "$folder/plan.json" "$folder/report.json" <<'PYTHON'
import json, sys
rate, plan, report = float(sys.argv[1]), json.load(open(sys.argv[2])), json.load(open(sys.argv[3]))
certificate, transfers = plan["certificate"], report.get("transfers")
row = f"{rate / 1e9:<9g} "
if transfers is None:
    row += f"{0:>9} {certificate['objective']:9.3f} {certificate['bound']:9.3f} {certificate['gap']:9.2%}"
else:
    row += (f"{transfers['count']:>9} {certificate['objective']:9.3f} {certificate['bound']:9.3f} {certificate['gap']:9.2%} "
            f"{'':9} {transfers['planned_hidden']:9.1%} {transfers['hidden']:9.1%} "
            f"{transfers['hidden'] / transfers['planned_hidden']:9.3f} {report['preloaded']['seconds']:10.3f}")
print(row + f"   ran in {report['seconds']:.3f} s, others busy {report['other_busy']:.1%}")
PYTHON
done
