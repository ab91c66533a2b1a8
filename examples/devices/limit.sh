#!/bin/sh
# Keeps an inverter to its limit of generation with the program of its maker, here called "inverter".

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
    watts=$(printf '%s\n' "$order" | sed 's/.*"generation": {"watts": \([0-9.]*\).*/\1/')
    if inverter set-limit "$watts"; then
        echo "{\"taken\": $number}"
    fi
done
