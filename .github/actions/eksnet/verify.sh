#!/usr/bin/env bash
# Puts the program of the build job on the PATH, if it is the one that was built.
set -euo pipefail
folder="$RUNNER_TEMP/eksnet-program"
[[ "$DIGEST" =~ ^[0-9a-f]{64}$ ]] || { echo "::error title=eksnet::digest is 64 hexadecimal digits"; exit 64; }
[ "$(sha256sum "$folder/eksnet" | cut -d ' ' -f 1)" = "$DIGEST" ] || { echo "::error title=eksnet::the program is not the one that was built"; exit 1; }
chmod 0755 "$folder/eksnet"
printf '%s\n' "$folder" >> "$GITHUB_PATH"
