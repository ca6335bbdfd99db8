#!/usr/bin/env bash
# Builds eksnet from the sources that this action stands in. Build scripts of some hundred packages run here: nothing worth stealing may be
# within reach, so a job that could get credentials is refused.
set -euo pipefail
sources=$(cd "$GITHUB_ACTION_PATH/../../.." && pwd)
built="$RUNNER_TEMP/eksnet-built"

for name in ACTIONS_ID_TOKEN_REQUEST_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_WEB_IDENTITY_TOKEN_FILE; do
  if [ -n "${!name:-}" ]; then
    echo "::error title=eksnet::$name is within reach of the build: build in a job without id-token: write, before any credentials"
    exit 1
  fi
done

case "$1" in
  sources)
    # Everything that the program is made of.
    digest=$(cd "$sources" && find Cargo.toml Cargo.lock src templates blueprints -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-32)
    printf 'sources=%s\n' "$digest" >> "$GITHUB_OUTPUT" ;;
  build)
    [ -x "$built/bin/eksnet" ] || cargo install --locked --path "$sources" --root "$built" ;;
  digest)
    digest=$(sha256sum "$built/bin/eksnet" | cut -d ' ' -f 1)
    [[ "$digest" =~ ^[0-9a-f]{64}$ ]]
    printf 'digest=%s\n' "$digest" >> "$GITHUB_OUTPUT" ;;
esac
