#!/bin/sh
# Draws the tray's icons from icons/icon.svg: the app's own mark, which shows on light and dark panels alike, and a
# badge for each state with a rim of its own. Needs chromium. Run it in icons/tray after a change.
set -e
base=$(sed -e 's/<svg [^>]*>//' -e 's/<\/svg>//' -e '/<title>/d' ../icon.svg)
draw() { # name, style of the mark, badge
  page=$(mktemp --suffix=.html)
  cat > "$page" <<END
<!doctype html><style>html,body{margin:0;background:transparent}svg{display:block}</style>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="64" height="64"><g style="$2">$base</g>$3</svg>
END
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --default-background-color=00000000 \
    --window-size=64,64 --screenshot="$(pwd)/$1.png" "file://$page" >/dev/null 2>&1
  rm -f "$page"
}
rim='<circle cx="372" cy="372" r="140" fill="#fff"/>'
draw idle "" ""
draw working "" "$rim<circle cx='372' cy='372' r='116' fill='#1d9a5b'/><path d='M372 306v110M318 372l54 56 54-56' fill='none' stroke='#fff' stroke-width='38' stroke-linecap='round' stroke-linejoin='round'/>"
draw attention "" "$rim<circle cx='372' cy='372' r='116' fill='#d9480f'/><path d='M372 306v76' stroke='#fff' stroke-width='42' stroke-linecap='round'/><circle cx='372' cy='434' r='24' fill='#fff'/>"
draw paused "filter:saturate(.25)" "$rim<circle cx='372' cy='372' r='116' fill='#57534e'/><path d='M338 322v100M406 322v100' stroke='#fff' stroke-width='38' stroke-linecap='round'/>"
