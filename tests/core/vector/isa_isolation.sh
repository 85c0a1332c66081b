#!/usr/bin/env bash
# usage: isa_isolation.sh LIBRARY ALLOWED...
# Objects compiled for one instruction set may define nothing that the linker could use in place
# of another object's copy: only the functions named here, and no inline or template code.
set -euo pipefail
library=$1
shift
allowed=" $* "

found=$(nm --defined-only -C "$library" | awk '
  /^[^ ].*\.o:$/ { member = $0 }
  member ~ /_avx(2|512)\./ && $2 ~ /^[TDBRWVu]$/ && $3 !~ /^DW\.ref\./ { $1 = $2 = ""; print }' |
  sed -E 's/^ +//; s/\(.*//')
[ -n "$found" ] || { echo "no object for AVX in $library"; exit 1; }
while read -r symbol; do
  case "$allowed" in
    *" $symbol "*) ;;
    *) echo "an AVX object shares \`$symbol\` with the rest"; exit 1 ;;
  esac
done <<<"$found"
