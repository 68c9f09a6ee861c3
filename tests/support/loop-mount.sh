#!/bin/sh
# loop-mount.sh COMMAND [ARG…] runs COMMAND where it finds file systems of its own to be hard on:
#
#   CAVRA_TEST_EXT4, CAVRA_TEST_XFS, CAVRA_TEST_BTRFS   empty ones in images
#   CAVRA_TEST_TMPFS                                    a tmpfs
#   CAVRA_TEST_OVERLAY                                  an overlay on ext4
#
# They are mounted in a mount namespace that ends with COMMAND, and the images lose their names as
# soon as they are mounted: whatever happens to this script, Ctrl-C and kill -9 too, nothing stays
# mounted and no locked file is left behind. CAVRA_TEST_IMAGE_MB (512) is the size of an image.
#
# Where one can't be had, its variable is missing and a line on stderr says so; COMMAND runs all the
# same. Whether that is a failure is COMMAND's to say, by CAVRA_TEST_MUST_RUN.
set -eu

skip() { echo "loop-mount: no $1: $2" >&2; }

# Outside: makes the folder, runs the rest of this script in the namespace, and takes it away again.
run_outside() {
  folder=$(mktemp -d "${TMPDIR:-/tmp}/cavra-mounts.XXXXXX")
  chmod 755 "$folder" # tests become other users
  mkdir "$folder/points"
  child=
  trap 'rm -f "$folder"/*.img; rmdir "$folder/points" "$folder"' EXIT
  trap '[ -z "$child" ] || { kill "$child" && wait "$child" || true; }; exit 130' INT
  trap '[ -z "$child" ] || { kill "$child" && wait "$child" || true; }; exit 143' TERM
  if unshare --mount true 2>/dev/null; then
    unshare --mount -- "$0" --inside "$folder" "$@" <&0 &
  else
    for kind in ext4 xfs btrfs tmpfs overlay; do skip "$kind" "this user may not mount"; done
    env --default-signal=INT,QUIT "$@" <&0 &
  fi
  child=$!
  wait "$child"
}

mount_image() { # KIND MKFS…
  kind=$1
  image=$folder/$kind.img
  shift
  truncate -s "${CAVRA_TEST_IMAGE_MB:-512}M" "$image"
  mkdir "$folder/points/$kind"
  if ! command -v "$1" >/dev/null; then
    skip "$kind" "$1 is not installed"
  elif ! "$@" "$image" >/dev/null 2>&1; then
    skip "$kind" "$1 failed"
  elif mount -o loop "$image" "$folder/points/$kind" 2>/dev/null; then
    export "CAVRA_TEST_$(echo "$kind" | tr a-z A-Z)=$folder/points/$kind"
  else
    skip "$kind" "no loop device, or no $kind in this kernel"
  fi
  rm "$image"
}

mount_overlay() { # on ext4
  below=$CAVRA_TEST_EXT4/overlay
  mkdir -p "$below/lower" "$below/upper" "$below/work" "$folder/points/overlay"
  if mount -t overlay overlay "$folder/points/overlay" \
    -o "lowerdir=$below/lower,upperdir=$below/upper,workdir=$below/work" 2>/dev/null; then
    export CAVRA_TEST_OVERLAY="$folder/points/overlay"
  else
    skip overlay "this kernel has none"
  fi
}

if [ "${1:-}" = --inside ]; then
  folder=$2
  shift 2
  PATH=$PATH:/usr/sbin:/sbin
  mount -t tmpfs -o mode=755 tmpfs "$folder/points" # what is below it, only this namespace sees
  mount_image ext4 mkfs.ext4 -q -F
  mount_image xfs mkfs.xfs -q -f
  mount_image btrfs mkfs.btrfs -q -f
  mkdir "$folder/points/tmpfs"
  mount -t tmpfs tmpfs "$folder/points/tmpfs"
  export CAVRA_TEST_TMPFS="$folder/points/tmpfs"
  if [ -n "${CAVRA_TEST_EXT4:-}" ]; then mount_overlay; fi
  exec env --default-signal=INT,QUIT "$@" # a shell's background jobs ignore them
fi
[ $# -gt 0 ] || {
  sed -n '2,14s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
run_outside "$@"
