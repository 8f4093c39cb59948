/**
 * The drawn cover of a recording without a poster: two or three soft lights and the outline of a voice, all taken from
 * the recording's id. The same id gives the same cover on every machine and forever.
 */

export interface Light {
  /** Hue in degrees; lightness and chroma come from the theme. */
  hue: number;
  /** Centre and radius in per cent of the cover's width and height. */
  x: number;
  y: number;
  radius: number;
}

export interface Cover {
  /** Hue of the ground. */
  hue: number;
  lights: Light[];
  /** Heights of the voice's bars, 0 to 1. */
  bars: number[];
}

export const BARS = 48;

/** Calm neighbours on the colour circle that stay apart from each other; greenish yellow, which goes muddy, is left out. */
const HUES = [12, 28, 45, 62, 152, 172, 195, 214, 232, 250, 268, 286, 304, 325, 346];

export function coverOf(recordingId: string): Cover {
  const random = seeded(recordingId);
  const base = Math.floor(random() * HUES.length);
  const hue = HUES[base]!;
  const near = (step: number) => HUES[(base + step + HUES.length) % HUES.length]!;
  const side = random() < 0.5 ? 1 : -1;
  return {
    hue,
    lights: [
      { hue: near(2 * side), x: 10 + random() * 30, y: random() * 40, radius: 55 + random() * 25 },
      { hue: near(-side), x: 65 + random() * 30, y: 55 + random() * 45, radius: 60 + random() * 25 },
      { hue: near(4 * side), x: 60 + random() * 40, y: random() * 30, radius: 30 + random() * 20 },
    ],
    bars: voice(random),
  };
}

/** Phrases with pauses between them, as speech has; never the same height throughout. */
function voice(random: () => number): number[] {
  const bars: number[] = [];
  while (bars.length < BARS) {
    const length = 5 + Math.floor(random() * 9);
    const loudness = 0.45 + random() * 0.55;
    for (let i = 0; i < length; i++) {
      const arch = Math.sin(((i + 0.6) / (length + 0.2)) * Math.PI);
      bars.push(Math.max(0.08, loudness * arch * (0.55 + random() * 0.45)));
    }
    const pause = 1 + Math.floor(random() * 2);
    for (let i = 0; i < pause; i++) bars.push(0.06);
  }
  return bars.slice(0, BARS);
}

/** mulberry32 over an FNV-1a hash: small, even, and the same everywhere. */
function seeded(text: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
