#!/bin/sh
# Runs the lines of docs/verify-by-hand.md, and them alone, on a bundle and its receipt: they must
# hold for what they are given, and for nothing that differs from it.
#
# usage: BUNDLE=… EVIDENCE_KEY=… RECEIPT=… RECEIPT_KEY=… verify_by_hand_test.sh
# Files are lent and not changed. The bundle needs a member note.txt.
set -eu

page=$(dirname "$0")/../../docs/verify-by-hand.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -n '/^```sh$/,/^```$/p' "$page" | sed '/^```/d' > "$work/lines.sh"
[ "$(wc -l < "$work/lines.sh")" -gt 30 ] || { echo 'the page has lost its lines' >&2; exit 1; }

# The page as one script, in a plain POSIX shell.
check() { sh "$work/lines.sh" > "$work/out" 2>&1; }

must_hold() {
  check && [ "$(tail -n 1 "$work/out")" = 'all of it holds' ] && return
  echo "FAILED: $1 must hold:" >&2
  cat "$work/out" >&2
  exit 1
}

# must_fail WHAT: with what the caller has changed.
must_fail() {
  check || { echo "refused, as it must be: $1"; return; }
  echo "FAILED: $1 passed:" >&2
  cat "$work/out" >&2
  exit 1
}

given_bundle=$BUNDLE given_receipt=$RECEIPT given_evidence_key=$EVIDENCE_KEY
given_receipt_key=$RECEIPT_KEY
afresh() {
  rm -rf "$work/bundle" "$work/receipts"
  cp -a "$given_bundle" "$work/bundle"
  mkdir "$work/receipts"
  cp "$given_receipt" "$work/receipts"
  BUNDLE=$work/bundle RECEIPT=$work/receipts/$(basename "$given_receipt")
  EVIDENCE_KEY=$given_evidence_key RECEIPT_KEY=$given_receipt_key
  export BUNDLE RECEIPT EVIDENCE_KEY RECEIPT_KEY
}
# The receipt under the name that its bytes have now.
rename_receipt() {
  renamed=$work/receipts/$(sha256sum < "$RECEIPT" | cut -c 1-64).json
  mv "$RECEIPT" "$renamed"
  RECEIPT=$renamed
}

afresh
must_hold 'what was given'

afresh; sed -i 's/"created_at": "2/"created_at": "1/' "$BUNDLE/manifest.json"
must_fail 'a changed manifest'
afresh; sed -i 's/"algorithm": "Ed25519"/"algorithm": "HS256"/' "$BUNDLE/manifest.json"
must_fail 'another algorithm'
afresh; sed -i '/^  "signature": {$/,/^  }/d' "$BUNDLE/manifest.json"
must_fail 'no signature'
afresh; EVIDENCE_KEY=$given_receipt_key
must_fail 'evidence under the receipt key'
afresh; printf x >> "$BUNDLE/note.txt"
must_fail 'a changed member'
afresh; rm "$BUNDLE/note.txt"
must_fail 'a missing member'
afresh; echo more > "$BUNDLE/more.txt"
must_fail 'an unlisted file'
afresh; mv "$BUNDLE/note.txt" "$work/note"; ln -s "$work/note" "$BUNDLE/note.txt"
must_fail 'a link'
# A list that only the unsigned block has must not count.
afresh; sed -i "s/^  \"signature\": {\$/&\n      \"path\": \"more.txt\",\n      \"sha256\": \"$(
  echo more | sha256sum | cut -c 1-64)\"/" "$BUNDLE/manifest.json"
echo more > "$BUNDLE/more.txt"
must_fail 'a file that is listed in the signature block'

# Other layouts have the same canonical form, and must not hide that a member is missing.
afresh; sed -i 's/^ *"path": "note.txt",/ &/' "$BUNDLE/manifest.json"
rm "$BUNDLE/note.txt"
must_fail 'a missing member whose entry is indented otherwise'
afresh; sed -i 's/^ *"path": "note.txt",/& /' "$BUNDLE/manifest.json"
rm "$BUNDLE/note.txt"
must_fail 'a missing member whose entry ends in a space'

afresh; mv "$RECEIPT" "$work/receipts/receipt.json"; RECEIPT=$work/receipts/receipt.json
must_fail 'a receipt under another name'
afresh; RECEIPT_KEY=$given_evidence_key
must_fail 'a receipt under the evidence key'
afresh; sed -i 's/"payload":"\(....\)/"payload":"\1AAAA/' "$RECEIPT"; rename_receipt
must_fail 'a changed payload'
afresh; sed -i 's/"sig":"....\(.*\)$/"sig":"AAAA\1/' "$RECEIPT"; rename_receipt
must_fail 'a changed signature'

echo 'verify-by-hand: the lines of the page hold for what is sound, and for nothing else'
