# Print a URL without scheme and host.
path() {
  local absolute='^[a-z]+://[^/]*(.*)$'
  if [[ $1 =~ $absolute ]]; then echo "${BASH_REMATCH[1]}"; else echo "$1"; fi
}

# Print the path of what a list has already: the member with this LFDI, or the one in this place, counted from 1.
known() ( # PATH ELEMENT LFDI|PLACE
  shopt -s nocasematch
  member="^([^ >]*:)?$2[[:space:]][^>]*href=[\"']([^\"']*)"
  lfdi='^([^ >]*:)?lFDI>[[:space:]]*([^[:space:]]+)'
  place=0 before=''
  while page=$("${curl[@]}" --request GET "$server$1s=$place&l=50" --write-out "$report"); do
    if [[ $page == "$before" ]]; then exit; fi
    before=$page start=$place
    while IFS= read -r -d '<' tag; do
      if [[ $tag =~ $member ]]; then
        href=${BASH_REMATCH[2]} place=$((place + 1)) is=$place
      elif [[ $tag =~ $lfdi ]]; then
        is=${BASH_REMATCH[2]}
      else
        continue
      fi
      if [[ $is == "$3" ]]; then path "$href"; exit; fi
    done <<< "$page"
    if [[ $place == "$start" ]]; then exit; fi
  done
  echo >&2 "$page"
  exit 1
)
