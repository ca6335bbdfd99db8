#!/usr/bin/env bash
# What the action does, by mode. The environment is that of `action.yml`; `gh`, `jq` and `sha256sum` are on every runner.
#
# Nothing that a blueprint, a plan or AWS says is evaluated: jq reads documents and answers with one of a few words, which are checked, and
# whatever programs print stands between two lines that switch GitHub's workflow commands off and on again.
set -euo pipefail
# GitHub reads commands from both streams in no order; one stream has an order.
exec 2>&1

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/eksnet.XXXXXX")

# Runs a command whose words are not the workflow's.
shielded() {
  local code=0 token
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  "$@" || code=$?
  printf '\n::%s::\n' "$token"
  return "$code"
}

# Runs a command with its output in a file, and its errors in another one that people read too.
into() {
  local out=$1 code=0
  shift
  "$@" > "$out" 2> "$work/errors" || code=$?
  cat "$work/errors"
  return "$code"
}

# A workflow command of our own; its words come from a file, shortened and escaped.
annotate() { jq -Rrs --arg level "$1" '.[:2000] | rtrimstr("\n") | gsub("[\\x00-\\x09\\x0b-\\x1f\\x7f]"; "") | gsub("%"; "%25") | gsub("\n"; "%0A") | "::\($level) title=eksnet::\(.)"' "$2"; }

# Annotations that eksnet wrote, and no other line.
annotations() { grep -E '^::(error|warning|notice) [^:]*::' "$1" || true; }

say() { printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"; }

# Words of programs in a page: text, whatever is in it.
quoted() { jq -Rrs '.[:20000] | gsub("[\\x00-\\x08\\x0b-\\x1f\\x7f]"; "") | "<pre>\n\(. | @html)\n</pre>\n"' "$1"; }

stop() {
  say changes refused
  printf '%s\n' "$1" > "$work/why"
  annotate error "$work/why"
  exit "${2:-1}"
}

# Whether the environment is what GitHub says it is: these end up in addresses and in files that GitHub reads line by line.
checked() {
  [[ "$2" =~ $3 ]] || stop "$1 is not what it should be" 64
}

slug() {
  local readable digest
  readable=$(printf %s "$BLUEPRINT" | tr -c 'A-Za-z0-9.-' '-' | cut -c 1-60)
  digest=$(printf %s "$BLUEPRINT" | sha256sum | cut -c 1-16)
  printf '%s-%s' "$readable" "$digest"
}

# One comment for each blueprint, found again by its author and its first line. A comment of another author with the same first line is left alone.
comment() {
  [ "$COMMENT" = true ] && [ -n "$PULL_REQUEST" ] || return 0
  local mark="<!-- eksnet $slug -->" at="repos/$GITHUB_REPOSITORY/issues" found
  { printf '%s\n' "$mark"; cat "$1"; } > "$work/comment.md"
  gh api --paginate "$at/$PULL_REQUEST/comments" > "$work/comments.json"
  found=$(jq -rs --arg author "$COMMENT_AUTHOR" --arg mark "$mark" '
    [.[][] | select(.user.login == $author and (.body | split("\n")[0] | rtrimstr("\r")) == $mark) | .id | select(type == "number")][0] // empty' "$work/comments.json")
  if [[ "$found" =~ ^[0-9]+$ ]]; then
    gh api --silent --method PATCH "$at/comments/$found" --field "body=@$work/comment.md"
  else
    gh api --silent --method POST "$at/$PULL_REQUEST/comments" --field "body=@$work/comment.md"
  fi
}

# Page and comment, in every case.
publish() {
  cat "$1" >> "$GITHUB_STEP_SUMMARY"
  shielded comment "$1" || { echo "the comment could not be written: the token needs pull-requests: write" > "$work/why"; annotate warning "$work/why"; }
}

# What was not done, with the reason from a file, in the page, the comment and on the run.
refused() {
  say changes refused
  annotate error "$2"
  { printf '### eksnet: %s\n\n' "$1"; printf %s "$BLUEPRINT" | quoted /dev/stdin; quoted "$2"; } > "$work/refused.md"
  publish "$work/refused.md"
  return 1
}

# What a plan comes to, by the counts of its preview: numbers, or nothing.
outcome() {
  local word
  word=$(jq -er '
    .preview.summary | [.add, .modify, .replace, .remove]
    | if all(type == "number" and . >= 0 and . == floor) then . else error("counts are numbers") end
    | if .[2] + .[3] > 0 then "destructive" elif .[0] + .[1] > 0 then "changes" else "none" end' "$1") || return 1
  case "$word" in destructive | changes | none) printf %s "$word" ;; *) return 1 ;; esac
}

# Findings as annotations; the reason, where there is an error among them.
findings() {
  local strict=() code=0
  [ "$STRICT" != true ] || strict+=(--strict)
  shielded into "$work/findings" eksnet check "$BLUEPRINT" "${strict[@]}" -o github || code=$?
  annotations "$work/findings"
  [ "$code" -ne 0 ] || return 0
  eksnet check "$BLUEPRINT" "${strict[@]}" --color never > "$work/reason" 2>&1 || true
  return "$code"
}

check() {
  findings || { refused "the blueprint has errors" "$work/reason"; return 1; }
  say changes none
}

preview() {
  local gate=() code=0 plan="$work/plan.json" result
  findings || { refused "the blueprint has errors" "$work/reason"; return 1; }
  [ -z "$FAIL_ON" ] || gate+=(--fail-on "$FAIL_ON")
  [ -z "$FAIL_ON" ] || [ -z "$ALLOW" ] || gate+=(--allow "$ALLOW")
  shielded into "$work/preview.md" eksnet diff "$BLUEPRINT" --locked --save "$plan" --valid-for "$VALID_FOR" "${gate[@]}" -o markdown || code=$?
  cp "$work/errors" "$work/reason"
  if [ ! -s "$work/preview.md" ] || [ ! -f "$plan" ]; then
    [ ! -s "$work/preview.md" ] || cat "$work/preview.md" >> "$GITHUB_STEP_SUMMARY"
    refused "there is no preview" "$work/reason"
    return 1
  fi
  result=$(outcome "$plan") || { refused "the plan cannot be read" "$work/reason"; return 1; }
  { cat "$work/preview.md"; [ "$code" -eq 0 ] || { printf '**This preview does not pass:**\n\n'; quoted "$work/reason"; }; } > "$work/page.md"
  publish "$work/page.md"
  shielded into "$work/annotations" eksnet diff "$BLUEPRINT" --locked -o github || true
  annotations "$work/annotations"
  [ "$code" -eq 0 ] || annotate error "$work/reason"
  say changes "$result"
  say plan "$plan"
  say artifact "eksnet-plan-$slug-${HEAD:-$GITHUB_SHA}"
  return "$code"
}

# The plan that was reviewed in the pull request which this commit came from, in $work/plan.json.
reviewed() {
  local head run name
  gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" > "$work/pulls.json"
  head=$(jq -r --arg sha "$GITHUB_SHA" '[.[] | select(.merged_at != null and .merge_commit_sha == $sha)][0].head.sha // empty' "$work/pulls.json")
  [[ "$head" =~ ^[0-9a-f]{40}$ ]] || { echo "$GITHUB_SHA belongs to no pull request that was merged, so no plan was reviewed"; return 1; }
  name="eksnet-plan-$slug-$head"
  gh api "repos/$GITHUB_REPOSITORY/actions/artifacts?name=$name" > "$work/artifacts.json"
  # Of a run for that very commit, in this repository: anybody's fork may upload something of the same name.
  run=$(jq -r --arg head "$head" '[.artifacts[] | select(.expired == false and .workflow_run.head_sha == $head
    and .workflow_run.head_repository_id == .workflow_run.repository_id)] | max_by(.created_at).workflow_run.id // empty' "$work/artifacts.json")
  [[ "$run" =~ ^[0-9]+$ ]] || { echo "there is no plan for $BLUEPRINT at $head: it expired, or the preview failed"; return 1; }
  gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "$name" --dir "$work"
  [ "$(jq -er '.file | strings' "$work/plan.json")" = "$BLUEPRINT" ] || { echo "the plan is not for $BLUEPRINT"; return 1; }
}

# The same, with its reason kept.
found() { reviewed > "$work/reason" 2>&1 || { cat "$work/reason"; return 1; }; }

executed() { eksnet deploy --plan "$work/plan.json" 2>&1 | tee "$work/outcome"; }

deploy() {
  local code=0
  shielded found || { refused "nothing was deployed" "$work/reason"; return 1; }
  say plan "$work/plan.json"
  shielded executed || code=$?
  { printf '### eksnet: %s\n\n' "$([ "$code" -eq 0 ] && echo deployed || echo "the deployment failed")"; printf %s "$BLUEPRINT" | quoted /dev/stdin; quoted "$work/outcome"; } >> "$GITHUB_STEP_SUMMARY"
  [ "$code" -eq 0 ] || { say changes refused; tail -n 20 "$work/outcome" > "$work/reason"; annotate error "$work/reason"; }
  return "$code"
}

drift() {
  local code=0
  shielded into "$work/drift.md" eksnet diff "$BLUEPRINT" --locked --drift --exit-code -o markdown || code=$?
  case "$code" in
    0 | 2 | 3) cat "$work/drift.md" >> "$GITHUB_STEP_SUMMARY" ;;
    *) cp "$work/errors" "$work/reason"; refused "drift was not read" "$work/reason" || return "$code" ;;
  esac
  [ "$code" -ne 0 ] || { say changes none; return 0; }
  say changes drift
  echo "$BLUEPRINT is not what is deployed: the step summary says how" > "$work/reason"
  annotate error "$work/reason"
  return 1
}

printable='^[^[:cntrl:]]+$'
checked "the blueprint's file name" "$BLUEPRINT" "$printable"
checked "the repository" "$GITHUB_REPOSITORY" '^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$'
checked "the commit" "$GITHUB_SHA" '^[0-9a-f]{40}$'
checked "the pull request's commit" "$HEAD" '^([0-9a-f]{40})?$'
checked "the pull request" "$PULL_REQUEST" '^[0-9]*$'
# A file name is not an option.
case "$BLUEPRINT" in -*) BLUEPRINT="./$BLUEPRINT" ;; esac
slug=$(slug)

case "$MODE" in
  check | preview | deploy | drift) "$MODE" ;;
  *) stop "mode is check, preview, deploy or drift" 64 ;;
esac
