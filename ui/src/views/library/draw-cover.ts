/**
 * Draws a cover as a picture, once. Gradients are reckoned anew for each frame in which they move, and a canvas in the
 * page is copied for each; a picture is decoded once, and what passes while somebody scrolls is its pixels.
 */
import { toJpegAddress } from "$lib/jpeg";
import { BARS, coverOf, type Cover } from "./cover";

/** The picture's own units, whatever its pixels are. */
const [WIDTH, HEIGHT] = [320, 180];
const STEP = WIDTH / BARS;
const THICK = STEP * 0.56;
/** Of JPEG, from 0 to 1. */
const QUALITY = 0.88;
/** Covers that are kept, of a few kilobytes each. */
const KEPT = 400;

/** Pixels for each unit: sharp where a screen has more than one for each. */
const scale = () => Math.min(2, Math.max(1, globalThis.devicePixelRatio || 1));

const pictures = new Map<string, string>();
let canvas: HTMLCanvasElement | null = null;

/** The cover's picture as a `data:` address. A video's is a quiet landscape of light; sound has its voice in the middle. */
export function pictureOf(id: string, audio: boolean): string {
  const name = `${scale()} ${audio} ${id}`;
  let picture = pictures.get(name);
  if (picture === undefined) {
    picture = draw(coverOf(id), audio);
    const [oldest] = pictures.keys();
    if (pictures.size >= KEPT && oldest !== undefined) pictures.delete(oldest);
    pictures.set(name, picture);
  }
  return picture;
}

function draw(cover: Cover, audio: boolean): string {
  canvas ??= document.createElement("canvas");
  canvas.width = WIDTH * scale();
  canvas.height = HEIGHT * scale();
  // Read as often as it is drawn: in memory, not on a graphics card.
  const to = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  if (!to) return "";
  to.scale(scale(), scale());
  to.fillStyle = audio ? `oklch(0.4 0.11 ${cover.hue})` : `oklch(0.74 0.115 ${cover.hue})`;
  to.fillRect(0, 0, WIDTH, HEIGHT);
  // The first one lies on top.
  for (const light of cover.lights.toReversed()) {
    const colour = `${audio ? 0.62 : 0.86} ${audio ? 0.15 : 0.1} ${light.hue}`;
    to.save();
    to.translate((light.x / 100) * WIDTH, (light.y / 100) * HEIGHT);
    to.scale((light.radius / 100) * WIDTH, ((light.radius * 1.2) / 100) * HEIGHT);
    const glow = to.createRadialGradient(0, 0, 0, 0, 0, 1);
    glow.addColorStop(0, `oklch(${colour})`);
    glow.addColorStop(1, `oklch(${colour} / 0)`);
    to.fillStyle = glow;
    to.fillRect(-1, -1, 2, 2);
    to.restore();
  }
  drawVoice(to, cover.bars, audio);
  return toJpegAddress(canvas, QUALITY);
}

function drawVoice(to: CanvasRenderingContext2D, bars: readonly number[], audio: boolean): void {
  const strength = audio ? 0.85 : 0.5;
  const fading = to.createLinearGradient(0, 0, WIDTH, 0);
  for (const [at, alpha] of [[0.04, 0] as const, [0.28, strength], [0.72, strength], [0.96, 0]] as const) {
    fading.addColorStop(at, `rgb(255 255 255 / ${alpha})`);
  }
  to.strokeStyle = fading;
  to.lineWidth = THICK;
  to.lineCap = "round";
  to.beginPath();
  bars.forEach((height, index) => {
    const long = Math.max(0.1, height * (audio ? 84 : 44) - THICK);
    const [x, middle] = [(index + 0.5) * STEP, audio ? 90 : 136];
    to.moveTo(x, middle - long / 2);
    to.lineTo(x, middle + long / 2);
  });
  to.stroke();
}
