# Sourced by the scripts that run several steps, go on where one fails, and name those that failed at the end.

failed=()

step() {
  local name=$1
  shift
  echo "== $name"
  "$@" || failed+=("$name")
}

finish() {
  if ((${#failed[@]} > 0)); then
    printf 'FAILED: %s\n' "${failed[@]}"
    exit 1
  fi
  echo "$1"
}
