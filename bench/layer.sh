#!/usr/bin/env bash
# bench/layer.sh [PLIMSOLL]: whole layers of the 10B shape behind 32K tokens, attention and experts under a plan: where
# the time goes and how far each part is from its bound, max(bytes / read stream, flops / bf16 peak) with ceilings
# measured just before. Decoding of 16 sequences and a prefill chunk of 512 tokens; of each part the best micro-step counts.
#
#   CONTEXT, LAYERS, DEVICES   32768, 1, 2
set -euo pipefail
plimsoll=${1:-build/release/plimsoll}
context=${CONTEXT:-32768} layers=${LAYERS:-1} devices=${DEVICES:-2}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$plimsoll" roofline --model msa-10b --seconds 0.2 -o "$folder/roofline.json" >/dev/null 2>&1
# Four experts a token.
for tokens in 16 512; do
  "$plimsoll" generate experts --experts 64 --top-k 4 --layers "$layers" --devices-per-node "$devices" \
    --slots $((64 / devices)) --microsteps 4 --distribution uniform --tokens $((4 * tokens)) --seed 7 \
    -o "$folder/instance.$tokens.json"
  "$plimsoll" solve "$folder/instance.$tokens.json" --work-limit 1e6 --quiet -o "$folder/plan.$tokens.json"
done
for kind in msa dense; do
  for tokens in 16 512; do
    sequences=1
    [[ $tokens == 16 ]] && sequences=0
    "$plimsoll" run "$folder/instance.$tokens.json" "$folder/plan.$tokens.json" --model msa-10b --attention "$kind" \
      --context "$context" --sequences "$sequences" --quiet -o "$folder/$kind.$tokens.json"
  done
done
python3 - "$folder" "$context" <<'PYTHON'
import json, sys
folder, context = sys.argv[1], int(sys.argv[2])
ceilings = json.load(open(f"{folder}/roofline.json"))["ceilings"]
peak, stream = ceilings["bf16_flops_per_second"], ceilings["read_bytes_per_second"]
print(f"ceilings: {peak / 1e9:.0f} GFLOP/s of bf16, {stream / 1e9:.1f} GB/s read, others busy {ceilings['other_busy']:.1%}")
for tokens, what in ((16, "decoding"), (512, "one prefill chunk")):
    for kind in ("msa", "dense"):
        run = json.load(open(f"{folder}/{kind}.{tokens}.json"))
        windows = run["windows"]
        best = {part["part"]: min(window["part_seconds"].get(part["part"], 0.0) for window in windows) for part in run["parts"]}
        whole = sum(best.values())
        count = run["attention"]["sequences"]
        print(f"\n{what}, {kind}: {count} sequences behind {context} tokens, {whole * 1e3:.2f} ms a layer, "
              f"others busy {run['other_busy']:.1%}")
        print(f"{'part':<15} {'ms':>9} {'share':>7} {'GFLOP/s':>8} {'GB/s':>6} {'of the bound':>13}")
        for part in run["parts"]:
            seconds = best[part["part"]]
            flops, bytes_ = part.get("flops", 0) / len(windows), part.get("bytes", 0) / len(windows)
            bound = max(flops / peak, bytes_ / stream)
            print(f"{part['part']:<15} {seconds * 1e3:9.3f} {seconds / whole:7.1%} "
                  + (f"{flops / seconds / 1e9:8.1f} " if flops else f"{'-':>8} ")
                  + (f"{bytes_ / seconds / 1e9:6.2f} " if bytes_ else f"{'-':>6} ")
                  + (f"{bound / seconds:13.1%} {'flops' if flops / peak > bytes_ / stream else 'bytes'}" if bound else f"{'-':>13}"))
PYTHON
