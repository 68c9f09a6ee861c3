#!/usr/bin/env bash
# The main job on a real store, with everything printed: sign, verify, archive, prove, fail to
# tamper, restore, verify again. Leaves nothing behind, also after Ctrl-C.
#
# usage: demo.sh CAVRA [--allow-advisory]
set -euo pipefail

cavra=$(realpath "$1")
allow_advisory=${2:-}
build=$(dirname "$(dirname "$(dirname "$cavra")")")
work='' mounted='' image=''

say() { printf '\n# %s\n' "$*"; }
step() {
  printf '$ %s\n' "$*"
  "$@" 2>&1
}
# A step that must fail: the kernel's own words are what is shown.
refused() {
  printf '$ %s\n' "$*"
  if "$@" 2>&1; then
    echo 'demo: that should have been refused' >&2
    exit 1
  fi
}

cleanup() {
  trap '' INT TERM
  cd /
  if [[ -n $work && -d $work ]]; then chattr -R -f -ia "$work" 2>/dev/null || true; fi
  if [[ -n $mounted ]]; then umount -l "$mounted" || true; fi
  if [[ -n $work ]]; then rm -rf "$work"; fi
  if [[ -n $image ]]; then rm -f "$image"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Whether files below $1 can be made immutable: asked of the kernel, not guessed.
can_lock() {
  local probe
  probe=$(mktemp -p "$1") || return 1
  if chattr +i "$probe" 2>/dev/null && ! { : >>"$probe"; } 2>/dev/null; then
    chattr -i "$probe" && rm -f "$probe"
    return 0
  fi
  chattr -f -i "$probe" 2>/dev/null || true
  rm -f "$probe"
  return 1
}

mount_image() {
  image=$(mktemp -p "$build" demo-XXXXXX.img)
  truncate -s 128M "$image"
  mkfs.ext4 -q "$image" && mount -o loop "$image" "$work" 2>/dev/null && mounted=$work && can_lock "$work"
}

pick_place() {
  mkdir -p "$build"
  work=$(mktemp -d -p "$build" demo-XXXXXX)
  is_locked=yes
  if can_lock "$work"; then
    place='a folder whose file system has the kernel flags'
  elif mount_image; then
    place='an ext4 image mounted for the demo'
  elif [[ $allow_advisory == --allow-advisory ]]; then
    place='a folder that cannot be locked' is_locked=''
  else
    cat >&2 <<'WHY'
demo: no place for a WORM store was found. The kernel's immutable flag needs the capability
CAP_LINUX_IMMUTABLE (root has it, most containers drop it) and ext4, XFS or btrfs; mounting an
image needs root. Run it as root on a real or virtual machine, or see it without a lock:
./dev demo --allow-advisory
WHY
    exit 4
  fi
}

if ((EUID != 0)) && [[ -z $allow_advisory ]] && command -v sudo >/dev/null; then
  printf '+ sudo %s %s\n' "$0" "$cavra" >&2
  exec sudo "$0" "$cavra"
fi

pick_place
cd "$work"
PATH=$(dirname "$cavra"):$PATH
unset CAVRA_CONFIG

say "The store: $place"
step cavra init --key-id prod-evidence --sample
if [[ -z $is_locked ]]; then
  printf '\n************** NOT LOCKED HERE **************\n'
  sed -i 's/"filesystem"/"advisory"/' .cavra/config.json
fi

say 'A session of an agent becomes a signed evidence bundle'
step cavra evidence bundle --signer platform-security --private-key .cavra/keys/evidence-private.pem --retention-days 2555

say 'Verified, against a trust root from outside the bundle'
step cavra evidence verify .cavra/evidence/latest --trust-root .cavra/keys/evidence-trust-roots.json --key-id prod-evidence --minimum-retention-days 2555

say 'Archived: each object locked, and the lock read back from the store'
step cavra archive .cavra/evidence/latest --store local --yes
step cavra archive .cavra/evidence/latest --store local --yes
receipt=$(echo .cavra/receipts/*.json)
step cavra status "$receipt"

if [[ -n $is_locked ]]; then
  say 'Somebody with root tampers with the evidence: the kernel refuses'
  folder=$(echo .cavra/worm/*/*/bundle)
  refused rm "$folder/evidence.json"
  refused mv "$folder" elsewhere
  refused truncate -s 0 "$folder/manifest.json"
  refused ln "$folder/siem-event.json" link
fi

say 'Seven years later: the bytes come back, and verify'
step cavra restore "$receipt" --output restored
step cavra evidence verify restored --trust-root .cavra/keys/evidence-trust-roots.json
step diff -r .cavra/evidence/latest restored
[[ -n $is_locked ]] || printf '\n************** NOT LOCKED HERE **************\n'
say 'Done. All of it is removed again'
