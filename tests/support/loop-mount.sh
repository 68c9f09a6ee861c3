#!/bin/sh
# loop-mount.sh COMMAND [ARG…] runs COMMAND where it finds file systems of its own to be hard on:
#
#   CAVRA_TEST_EXT4, CAVRA_TEST_XFS   empty ones in images
#   CAVRA_TEST_TMPFS                  a tmpfs
#   CAVRA_TEST_OVERLAY                an overlay on ext4
#
# They are mounted in a mount namespace that ends with COMMAND, and the images lose their names as
# soon as they are mounted: whatever happens to this script, Ctrl-C and kill -9 too, nothing stays
# mounted and no locked file is left behind. CAVRA_TEST_IMAGE_MB (512) is the size of an image.
#
# Where one can't be had, its variable is missing and a line on stderr says so; COMMAND runs all the
# same. Whether that is a failure is COMMAND's to say, by CAVRA_TEST_MUST_RUN.
set -eu

skip() { echo "loop-mount: no $1: $2" >&2; }

if [ "${1:-}" != --inside ]; then
  [ $# -gt 0 ] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
  folder=$(mktemp -d "${TMPDIR:-/tmp}/cavra-mounts.XXXXXX")
  # The folder is empty but for images that are not mounted yet.
  trap 'rm -f "$folder"/*.img; rmdir "$folder"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  chmod 755 "$folder"  # tests become other users
  if ! unshare --mount true 2>/dev/null; then
    for kind in ext4 xfs tmpfs overlay; do skip "$kind" "this user may not mount"; done
    "$@"
    exit
  fi
  unshare --mount -- "$0" --inside "$folder" "$@"
  exit
fi

folder=$2
shift 2
megabytes=${CAVRA_TEST_IMAGE_MB:-512}
# The mount points lie in a tmpfs that only this namespace sees; the images lie below it, on disk.
images=$folder
points=$(mktemp -d "$folder/points.XXXXXX")
trap 'rm -f "$images"/*.img' EXIT
image_mount() {  # KIND MKFS…
  kind=$1
  shift
  image=$images/$kind.img
  truncate -s "${megabytes}M" "$image"
  if ! command -v "$1" >/dev/null; then
    skip "$kind" "$1 is not installed"
  elif ! "$@" "$image" >/dev/null 2>&1; then
    skip "$kind" "$1 failed"
  elif mkdir -p "$points/$kind" && mount -o loop "$image" "$points/$kind" 2>/dev/null; then
    variable=CAVRA_TEST_$(echo "$kind" | tr a-z A-Z)
    export "$variable=$points/$kind"
  else
    skip "$kind" "no loop device, or no $kind in this kernel"
  fi
  rm -f "$image"
}

mount -t tmpfs -o mode=755 tmpfs "$points"
rmdir_points() { umount -l "$points" 2>/dev/null; rmdir "$points" 2>/dev/null || true; }
trap 'rm -f "$images"/*.img; rmdir_points' EXIT
PATH=$PATH:/usr/sbin:/sbin
image_mount ext4 mkfs.ext4 -q -F
image_mount xfs mkfs.xfs -q -f

mkdir "$points/tmpfs"
mount -t tmpfs tmpfs "$points/tmpfs"
export CAVRA_TEST_TMPFS="$points/tmpfs"

if [ -n "${CAVRA_TEST_EXT4:-}" ]; then
  below=$CAVRA_TEST_EXT4/overlay
  mkdir -p "$below/lower" "$below/upper" "$below/work" "$points/overlay"
  if mount -t overlay overlay "$points/overlay" \
    -o "lowerdir=$below/lower,upperdir=$below/upper,workdir=$below/work" 2>/dev/null; then
    export CAVRA_TEST_OVERLAY="$points/overlay"
  else
    skip overlay "this kernel has none"
  fi
fi
"$@"
