#!/usr/bin/env bash
{comment}
#
# It needs curl 7.83 or newer. {environment}
set -euo pipefail

server=${{SERVER:-{server}}}
{tls}location=$(mktemp)
trap 'rm -f "$location"' EXIT

# Responses go to standard output, and a line about each request to standard error.
curl=(
  curl --silent --show-error --fail-with-body{options}
  --header {accept}
)
report='%{{stderr}}%{{method}} %{{url}} %{{response_code}}\n'
{functions}
