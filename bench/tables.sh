#!/usr/bin/env bash
# Makes the tables of docs/benchmarks.md that come from the lab: each is one `plimsoll compare`, printed as Markdown
# under the command that made it. Takes about half an hour; run it on a machine that has nothing else to do.
#   bench/tables.sh [FOLDER]      pages, journals and instances go to FOLDER (build/tables)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-build/tables}
plimsoll=build/release/plimsoll
mkdir -p "$folder"

table() { # NAME ARGUMENTS...
  local name=$1
  shift
  printf '\n## %s\n\n    plimsoll compare %s\n\n' "$name" "$*"
  "$plimsoll" compare "$@" --resume "$folder/$name.jsonl" --html "$folder/$name.html" --markdown "$folder/$name.md" \
    > /dev/null
  cat "$folder/$name.md"
}

generate() { # NAME OPTIONS...: an instance of assignment
  local name=$1
  shift
  "$plimsoll" generate assignment --name "$name" --seed 11 "$@" -o "$folder/$name.json"
}

printf 'machine: %s, %s cores\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(nproc)"
for type in d e; do
  for bins in 5 10 20; do
    for items in 100 200 400; do generate "$type-$bins-$items" --type "$type" --bins "$bins" --items "$items"; done
  done
done
for machines in unrelated uniform identical; do
  generate "$machines" --objective makespan --machines "$machines" --bins 20 --items 100 --most 1000
done

table experts instances/experts/*.json --methods auto,local,branch,wrap,lpt,eplb --work-limit 100000000
table assignment instances/assignment/*.json --time-limit 10
table generalized "$folder"/[de]-*.json --methods auto,neighbourhood,tabu,lagrangian,branch --time-limit 10
table makespan "$folder"/{unrelated,uniform,identical}.json --time-limit 10
