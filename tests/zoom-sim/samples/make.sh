#!/bin/sh
# Makes the sample recordings beside this file: clips, audio, transcripts, chats, timelines and summaries.
# They are checked in; run this only to change them. Needs: ffmpeg, flite, librsvg2-bin, fonts-inter, python3 (Debian).
set -eu
cd "$(dirname "$0")"
for tool in ffmpeg ffprobe flite rsvg-convert python3; do
    command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install ffmpeg flite librsvg2-bin fonts-inter python3" >&2; exit 1; }
done
exec python3 make.py "$@"
