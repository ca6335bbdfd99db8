#!/usr/bin/env bash
# What the action does, by mode. The environment is that of `action.yml`; `gh` and `jq` are on every runner.
set -euo pipefail
export PATH="$PATH:$HOME/.cargo/bin"

slug=$(printf %s "$BLUEPRINT" | tr -c 'A-Za-z0-9.-' '-')
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/eksnet.XXXXXX")
say() { printf '%s\n' "$1=$2" >> "$GITHUB_OUTPUT"; }
summarise() { cat "$1" >> "$GITHUB_STEP_SUMMARY"; }
flag() { case "$2" in true) printf '%s\n' "$1" ;; esac; }

# One comment for each blueprint: found again by its first line, and written anew.
comment() {
  [ "$COMMENT" = true ] && [ -n "$PULL_REQUEST" ] || return 0
  local mark="<!-- eksnet $slug -->" found
  { printf '%s\n' "$mark"; cat "$1"; } > "$work/comment.md"
  found=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
  if [ -n "$found" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" --field "body=@$work/comment.md"
  else
    gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" --field "body=@$work/comment.md"
  fi
}

# A number or a text of a plan, which is written one key a line.
read_plan() { sed -n "s/^ *\"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$1" | head -n 1; }

# What a plan comes to, by the counts of its preview.
outcome() {
  local destructive=$(($(read_plan "$1" replace) + $(read_plan "$1" remove))) others=$(($(read_plan "$1" add) + $(read_plan "$1" modify)))
  if [ "$destructive" -gt 0 ]; then echo destructive; elif [ "$others" -gt 0 ]; then echo changes; else echo none; fi
}

preview() {
  local gate=() code=0 plan="$work/plan.json"
  [ -z "$FAIL_ON" ] || gate+=(--fail-on "$FAIL_ON")
  [ -z "$FAIL_ON" ] || [ -z "$ALLOW" ] || gate+=(--allow "$ALLOW")
  # shellcheck disable=SC2046
  eksnet check "$BLUEPRINT" $(flag --strict "$STRICT") -o github
  eksnet diff "$BLUEPRINT" --locked --save "$plan" --valid-for "$VALID_FOR" "${gate[@]}" -o markdown > "$work/preview.md" || code=$?
  [ -s "$work/preview.md" ] || { say changes refused; return 1; }
  summarise "$work/preview.md"
  comment "$work/preview.md"
  eksnet diff "$BLUEPRINT" --locked -o github > "$work/annotations" 2> /dev/null || true
  cat "$work/annotations"
  [ -f "$plan" ] || { say changes refused; return 1; }
  say changes "$(outcome "$plan")"
  say plan "$plan"
  say artefact "eksnet-plan-$slug-${HEAD:-$GITHUB_SHA}"
  return "$code"
}

# The plan that was reviewed in the pull request which this commit came from.
reviewed() {
  local head run
  head=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" --jq '.[0].head.sha // empty')
  [ -n "$head" ] || { echo "::error title=eksnet::$GITHUB_SHA belongs to no pull request, so no plan was reviewed" >&2; return 1; }
  # Of a run for that very commit, in this repository: anybody's fork may upload something of the same name.
  run=$(gh api "repos/$GITHUB_REPOSITORY/actions/artifacts?name=eksnet-plan-$slug-$head" --jq ".artifacts | map(select((.expired | not)
    and .workflow_run.head_sha == \"$head\" and .workflow_run.head_repository_id == .workflow_run.repository_id)) | .[0].workflow_run.id // empty")
  [ -n "$run" ] || { echo "::error title=eksnet::there is no plan for $BLUEPRINT at $head: it expired, or the preview failed" >&2; return 1; }
  gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "eksnet-plan-$slug-$head" --dir "$work"
  [ "$(read_plan "$work/plan.json" file)" = "$BLUEPRINT" ] || { echo "::error title=eksnet::the plan is not for $BLUEPRINT" >&2; return 1; }
  printf '%s\n' "$work/plan.json"
}

deploy() {
  local plan code=0
  plan=$(reviewed)
  say plan "$plan"
  eksnet deploy --plan "$plan" > "$work/outcome" || code=$?
  cat "$work/outcome"
  { printf '### `%s`\n\n```text\n' "$BLUEPRINT"; cat "$work/outcome"; printf '```\n'; } > "$work/summary.md"
  summarise "$work/summary.md"
  return "$code"
}

drift() {
  local code=0
  eksnet diff "$BLUEPRINT" --locked --drift --exit-code -o markdown > "$work/drift.md" || code=$?
  summarise "$work/drift.md"
  case "$code" in
    0) say changes none ;;
    2 | 3) say changes drift; echo "::error title=eksnet::$BLUEPRINT is not what stands: the step summary says how"; return 1 ;;
    *) say changes refused; return "$code" ;;
  esac
}

case "$MODE" in
  preview | deploy | drift) "$MODE" ;;
  *) echo "::error title=eksnet::mode is preview, deploy or drift, not '$MODE'"; exit 64 ;;
esac
