"""Draws, speaks and encodes the sample recordings. Started by make.sh; the scripts of the talks are in talks.json."""

import json
import math
import os
import subprocess
import sys
import tempfile

WIDTH, HEIGHT, RATE = 640, 360, 15
FONT = "/usr/share/fonts/opentype/inter/Inter-Medium.otf"

# name -> (initials, avatar colours, tile colours, flite voice, pitch)
PEOPLE = {
    "Maya Lindqvist": ("ML", ("#ffb199", "#ff6f61"), ("#5b3a4a", "#3a2431"), "slt", 1.0),
    "Jonas Weber": ("JW", ("#8ec5fc", "#3f7fd9"), ("#27405f", "#1a2a41"), "rms", 1.0),
    "Dana Okafor": ("DO", ("#ffd86f", "#f0a330"), ("#5a4a2a", "#3a301b"), "slt", 1.1),
    "Priya Raman": ("PR", ("#d4a5ff", "#8a5bd8"), ("#43345f", "#2b213f"), "slt", 0.93),
    "Tom Becker": ("TB", ("#8fe3c0", "#2fa67c"), ("#23503f", "#17352a"), "rms", 1.07),
    "Sam Oyelaran": ("SO", ("#f7a8c9", "#d84f8f"), ("#5a2f47", "#3b1f2f"), "awb", 1.0),
    "Lena Fischer": ("LF", ("#a6e3f7", "#2c9ab7"), ("#234c59", "#17323b"), "slt", 1.05),
}

# talk -> (background colours, layout, title drawn at the top)
SCENES = {
    "checkout": (("#2b1d3a", "#141b33"), "duo", "Interview"),
    "sync": (("#10262f", "#0c1622"), "gallery", "Research sync"),
    "signup": (("#1d2440", "#131528"), "phone", "Usability test"),
    "onboarding": (("#0f2f2a", "#101d2b"), "speaker", "Interview"),
    "findings": (("#31202a", "#1a1426"), "slides", "Findings review"),
    "pricing": (("#1a2a4a", "#221a3a"), "duo", "Interview"),
}


def run(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


def svg(body, defs=""):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Inter">{"<defs>" + defs + "</defs>" if defs else ""}{body}</svg>')


def render(text, path):
    with open(path + ".svg", "w", encoding="utf-8") as out:
        out.write(text)
    run("rsvg-convert", path + ".svg", "-o", path)


def gradient(name, colours, kind="linear"):
    if kind == "linear":
        return (f'<linearGradient id="{name}" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{colours[0]}"/>'
                f'<stop offset="1" stop-color="{colours[1]}"/></linearGradient>')
    return (f'<radialGradient id="{name}" cx=".35" cy=".3" r=".9"><stop offset="0" stop-color="{colours[0]}"/>'
            f'<stop offset="1" stop-color="{colours[1]}"/></radialGradient>')


def places(layout, names):
    """Where each person's tile stands: name -> (x, y, width, height)."""
    if layout == "duo":
        boxes = [(24, 66, 290, 236), (326, 66, 290, 236)]
    elif layout == "gallery":
        boxes = [(66, 48, 248, 138), (326, 48, 248, 138), (66, 198, 248, 138), (326, 198, 248, 138)]
    elif layout == "speaker":
        boxes = [(448, 216, 152, 104), (24, 48, 592, 288)]
    else:
        boxes = [(484, 60, 132, 112), (484, 184, 132, 112)]
    return dict(zip(names, boxes))


def tile(index, name, box, defs):
    x, y, w, h = box
    initials, avatar, colours, _, _ = PEOPLE[name]
    radius = min(w, h) * 0.27
    cx, cy = x + w / 2, y + h / 2 - 5
    defs += [gradient(f"t{index}", colours), gradient(f"a{index}", avatar, "radial")]
    label = len(name) * 5.6 + 16 if w > 140 else len(name.split()[0]) * 6 + 14
    text = name if w > 140 else name.split()[0]
    return (f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="14" fill="url(#t{index})" stroke="#ffffff" stroke-opacity=".08"/>'
            f'<circle cx="{cx}" cy="{cy}" r="{radius}" fill="url(#a{index})"/>'
            f'<text x="{cx}" y="{cy + radius * .27}" font-size="{radius * .76}" font-weight="600" fill="#fff" '
            f'text-anchor="middle">{initials}</text>'
            f'<rect x="{x + 8}" y="{y + h - 26}" width="{label}" height="18" rx="9" fill="#000" fill-opacity=".35"/>'
            f'<text x="{x + 16}" y="{y + h - 13.5}" font-size="10.5" fill="#fff" fill-opacity=".92">{text}</text>')


def speaking(box, wide):
    x, y, w, h = box
    radius = min(w, h) * 0.27 + (9 if wide else 6)
    return svg(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="14" fill="none" stroke="#7ee2a8" stroke-width="2.5"/>'
               f'<circle cx="{x + w / 2}" cy="{y + h / 2 - 5}" r="{radius}" fill="none" stroke="#ffffff" '
               f'stroke-opacity="{.34 if wide else .2}" stroke-width="{4 if wide else 3}"/>')


def phone(step):
    """One step of a sign-up form on a phone, as shared screen."""
    head = '<rect x="24" y="48" width="448" height="288" rx="12" fill="#eef1f8"/>' \
           '<circle cx="104" cy="130" r="58" fill="#dfe6fb"/><circle cx="396" cy="258" r="60" fill="#e6def9"/>' \
           '<rect x="172" y="58" width="150" height="268" rx="22" fill="#1c2033"/><rect x="178" y="64" width="138" height="256" rx="17" fill="#fff"/>'
    titles = ["Create your account", "Check your e-mail", "Choose a password", "Welcome aboard"]
    dots = "".join(f'<circle cx="{229 + i * 12}" cy="84" r="3.2" fill="{"#5b6cf0" if i <= step else "#d5d9ea"}"/>' for i in range(4))
    out = head + dots + f'<text x="247" y="112" font-size="11.5" font-weight="600" fill="#1c2033" text-anchor="middle">{titles[step]}</text>'
    field = lambda y, text, strong: (f'<rect x="192" y="{y}" width="110" height="26" rx="7" fill="#f5f6fb" stroke="{"#5b6cf0" if strong else "#d5d9ea"}"/>'
                                     f'<text x="200" y="{y + 16.5}" font-size="9" fill="#535a75">{text}</text>')
    if step == 0:
        out += field(134, "Your name", False) + field(170, "name@example.com", True)
    elif step == 1:
        out += "".join(f'<rect x="{192 + i * 29}" y="150" width="23" height="32" rx="7" fill="#f5f6fb" stroke="#5b6cf0"/>' for i in range(4))
        out += '<text x="247" y="206" font-size="8.5" fill="#7b819b" text-anchor="middle">The code is on its way</text>'
    elif step == 2:
        out += field(134, "&#8226;&#8226;&#8226;&#8226;&#8226;&#8226;&#8226;&#8226;&#8226;", True) + '<rect x="192" y="170" width="76" height="4" rx="2" fill="#3fbf8f"/>' \
            '<text x="192" y="188" font-size="8.5" fill="#7b819b">A strong password</text>'
    else:
        out += '<circle cx="247" cy="180" r="34" fill="#3fbf8f"/><path d="M232 181 l11 11 l20 -22" stroke="#fff" stroke-width="6" fill="none" stroke-linecap="round" stroke-linejoin="round"/>'
    return out + '<rect x="192" y="270" width="110" height="30" rx="9" fill="#5b6cf0"/>' \
        f'<text x="247" y="289" font-size="10.5" font-weight="600" fill="#fff" text-anchor="middle">{"Start" if step == 3 else "Continue"}</text>'


def slide(step):
    """One slide of a findings review, as shared screen."""
    out = '<rect x="24" y="48" width="448" height="288" rx="12" fill="#fbf7f2"/>'
    titles = ["What we heard in nine interviews", "Where people stop", "Three things to fix first", "Next two weeks"]
    out += f'<text x="52" y="92" font-size="17" font-weight="700" fill="#33222c">{titles[step]}</text><rect x="52" y="102" width="40" height="3.5" rx="1.7" fill="#e2685f"/>'
    if step == 0:
        for i, (value, label) in enumerate([("7 of 9", "could not find the price"), ("5 of 9", "left at delivery"), ("9 of 9", "liked the new search")]):
            x = 52 + i * 136
            out += f'<rect x="{x}" y="130" width="124" height="150" rx="12" fill="#fff" stroke="#ecdfd3"/><text x="{x + 62}" y="200" font-size="25" font-weight="700" fill="#e2685f" text-anchor="middle">{value}</text>' \
                   f'<text x="{x + 62}" y="228" font-size="9.5" fill="#6c5660" text-anchor="middle">{label}</text>'
    elif step == 1:
        for i, (label, share) in enumerate([("Basket", 100), ("Address", 82), ("Delivery", 47), ("Payment", 41), ("Done", 38)]):
            y = 126 + i * 38
            out += f'<text x="52" y="{y + 17}" font-size="11" fill="#6c5660">{label}</text><rect x="122" y="{y}" width="300" height="25" rx="6" fill="#f1e7dd"/>' \
                   f'<rect x="122" y="{y}" width="{share * 3}" height="25" rx="6" fill="{"#e2685f" if label == "Delivery" else "#e9a58f"}"/>' \
                   f'<text x="432" y="{y + 17}" font-size="10.5" fill="#33222c">{share} %</text>'
    else:
        lines = [["Show delivery cost in the basket", "Keep the address when going back", "One button, not two, on payment"],
                 ["Prototype of the short checkout", "Five more sessions on phones", "Share clips with the design team"]][step - 2]
        for i, line in enumerate(lines):
            y = 134 + i * 56
            out += f'<rect x="52" y="{y}" width="392" height="44" rx="10" fill="#fff" stroke="#ecdfd3"/><circle cx="78" cy="{y + 22}" r="11" fill="#e2685f"/>' \
                   f'<text x="78" y="{y + 26}" font-size="11.5" font-weight="700" fill="#fff" text-anchor="middle">{i + 1}</text><text x="102" y="{y + 27}" font-size="13" fill="#33222c">{line}</text>'
    return out


def speak(name, text, path):
    """Speaks one turn; returns its length in seconds."""
    _, _, _, voice, pitch = PEOPLE[name]
    run("flite", "-voice", voice, "-t", text, "-o", path + ".raw.wav")
    run("ffmpeg", "-v", "error", "-y", "-i", path + ".raw.wav", "-af",
        f"asetrate={int(16000 * pitch)},aresample=32000,highpass=f=90,loudnorm=I=-19:TP=-2,aresample=32000", "-ac", "1", "-ar", "32000", path)
    return float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
                                check=True, capture_output=True, text=True).stdout)


def clock(seconds, digits=3):
    whole = int(seconds)
    text = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return text if digits == 0 else f"{text}.{int(round((seconds - whole) * 1000)) % 1000:03}"


def make(talk, spec, folder):
    background, layout, title = SCENES[talk]
    turns, at, parts = [], 0.8, []
    for index, (name, text) in enumerate(spec["turns"]):
        path = os.path.join(folder, f"{talk}-{index}.wav")
        length = speak(name, text, path)
        turns.append((at, at + length, name, text))
        parts.append((at, path))
        at += length + 0.45
    length = math.ceil(at + 0.8)

    inputs, mixes = [], []
    for index, (start, path) in enumerate(parts):
        inputs += ["-i", path]
        mixes.append(f"[{index}]adelay={int(start * 1000)}:all=1[s{index}]")
    voice = os.path.join(folder, f"{talk}.wav")
    run("ffmpeg", "-v", "error", "-y", *inputs, "-f", "lavfi", "-i", f"anoisesrc=color=pink:amplitude=0.0016:sample_rate=32000:duration={length}",
        "-filter_complex", ";".join(mixes) + ";" + "".join(f"[s{i}]" for i in range(len(parts))) + f"[{len(parts)}]amix=inputs={len(parts) + 1}:normalize=0:duration=longest,atrim=0:{length}[a]",
        "-map", "[a]", "-ar", "32000", "-ac", "1", voice)

    names = spec["people"]
    boxes = places(layout, names)
    defs = [gradient("bg", background), '<radialGradient id="glow" cx=".2" cy="0" r="1"><stop offset="0" stop-color="#fff" stop-opacity=".10"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>']
    order = sorted(names, key=lambda n: -boxes[n][2])
    body = "".join(tile(i, n, boxes[n], defs) for i, n in enumerate(order))
    body = '<rect width="640" height="360" fill="url(#bg)"/><rect width="640" height="360" fill="url(#glow)"/>' \
           f'<circle cx="31" cy="27" r="4" fill="#ff5f57"/><text x="42" y="31" font-size="12" font-weight="500" fill="#fff" fill-opacity=".85">{title}</text>' + body
    base = os.path.join(folder, f"{talk}.png")
    render(svg(body, "".join(defs)), base)

    layers, chain, index = ["-loop", "1", "-framerate", str(RATE), "-i", base], [], 1
    last = "0"

    def overlay(picture, enable):
        nonlocal index, last
        layers.extend(["-loop", "1", "-framerate", str(RATE), "-i", picture])
        chain.append(f"[{last}][{index}]overlay=enable='{enable}'[v{index}]")
        last, index = f"v{index}", index + 1

    if layout in ("phone", "slides"):
        for step in range(4):
            picture = os.path.join(folder, f"{talk}-step{step}.png")
            render(svg((phone if layout == "phone" else slide)(step)), picture)
            overlay(picture, f"between(t,{length * step / 4:.2f},{length * (step + 1) / 4 + .01:.2f})")
    for name in names:
        spans = "+".join(f"between(t,{a:.2f},{b:.2f})" for a, b, who, _ in turns if who == name)
        if not spans:
            continue
        for wide in (False, True):
            picture = os.path.join(folder, f"{talk}-{PEOPLE[name][0]}{int(wide)}.png")
            render(speaking(boxes[name], wide), picture)
            overlay(picture, f"({spans})*{'gte' if wide else 'lt'}(mod(t\\,0.8)\\,0.4)")
    chain.append(f"[{last}]drawtext=fontfile={FONT}:text='%{{pts\\:gmtime\\:0\\:%M\\\\\\:%S}}':x=w-tw-28:y=20:fontsize=13:fontcolor=white@0.85,format=yuv420p[v]")
    faststart = ["-movflags", "+faststart"] if spec["moov"] == "first" else []
    meta = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    run("ffmpeg", "-v", "error", "-y", *layers, "-i", voice, "-filter_complex", ";".join(chain), "-map", "[v]", "-map", f"{index}:a",
        "-t", str(length), "-c:v", "libx264", "-profile:v", "baseline", "-preset", "veryslow", "-tune", "animation", "-crf", "27", "-g", str(RATE * 2), "-r", str(RATE),
        "-c:a", "aac", "-b:a", "48k", *meta, *faststart, f"{talk}.mp4")
    if spec["audio"]:
        run("ffmpeg", "-v", "error", "-y", "-i", voice, "-c:a", "aac", "-b:a", "40k", *meta[:2], "-fflags", "+bitexact", "-flags:a", "+bitexact", *faststart, f"{talk}.m4a")

    # Zoom's transcript: numbered cues, the speaker before the text; a long turn becomes several cues.
    cues = []
    for start, end, name, text in turns:
        pieces = [p.strip() for p in text.replace("? ", "?|").replace(". ", ".|").split("|")]
        total, begin = sum(map(len, pieces)), start
        for piece in pieces:
            stop = begin + (end - start) * len(piece) / total
            cues.append((begin, stop, name, piece))
            begin = stop
    with open(f"{talk}.vtt", "w", encoding="utf-8", newline="\r\n") as out:
        out.write("WEBVTT\n\n")
        for number, (start, end, name, text) in enumerate(cues, 1):
            out.write(f"{number}\n{clock(start)} --> {clock(end)}\n{name}: {text}\n\n")
    if spec.get("chat"):
        # Chat times count from the start of the meeting, not of the recording.
        with open(f"{talk}.txt", "w", encoding="utf-8", newline="\r\n") as out:
            for when, name, text in spec["chat"]:
                out.write(f"{clock(when, 0)}\t {name}:\t{text}\n")
    people = {name: {"username": name, "multiple_people": False, "user_id": 16778240 + 1024 * i, "zoom_userid": f"sim-user-{PEOPLE[name][0].lower()}",
                     "client_type": 0, "email_address": ""} for i, name in enumerate(names)}
    timeline = [{"ts": clock(0), "users": []}]
    for start, end, name, _ in turns:
        timeline += [{"ts": clock(start), "users": [people[name]]}, {"ts": clock(end), "users": []}]
    with open(f"{talk}.timeline.json", "w", encoding="utf-8") as out:
        json.dump({"timeline": timeline, "timeline_refine": timeline[:-1]}, out, indent=1)
        out.write("\n")
    with open(f"{talk}.summary.json", "w", encoding="utf-8") as out:
        json.dump(spec["summary"], out, indent=1, ensure_ascii=False)
        out.write("\n")
    print(talk, f"{length} s", os.path.getsize(f"{talk}.mp4"), "bytes", flush=True)


with open("talks.json", encoding="utf-8") as source:
    talks = json.load(source)
with tempfile.TemporaryDirectory() as folder:
    for talk, spec in talks.items():
        if len(sys.argv) < 2 or talk in sys.argv[1:]:
            make(talk, spec, folder)
