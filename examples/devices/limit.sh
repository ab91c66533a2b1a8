#!/bin/sh
# Keeps an inverter to its limits with its maker's program, here "inverter"; what is not generated is not exported.

measure() {
    while watts=$(inverter get-power); do
        echo "{\"readings\": {\"der\": {\"active-power\": $watts}}}"
        sleep 5
    done
}

measure &
trap 'kill $!' EXIT

while read -r order; do
    number=$(printf '%s\n' "$order" | sed 's/.*"order": \([0-9]*\).*/\1/')
    watts=$(printf '%s\n' "$order" | grep -oE '"(export|generation)": .{9} [0-9.]+' | sed 's/.* //' | sort -n | head -n 1)
    if inverter set-limit "$watts"; then
        echo "{\"taken\": $number}"
    fi
done
