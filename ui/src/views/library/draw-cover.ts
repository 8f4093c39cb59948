/**
 * Draws a cover as a picture, once. Gradients are reckoned anew for each frame in which they move, and a canvas in the
 * page is copied for each; a picture is decoded once, and what passes while somebody scrolls is its pixels.
 */
import { toJpegAddress } from "$lib/jpeg";
import { BARS, coverOf, type Cover } from "./cover";

/** The picture's own units, whatever its pixels are. */
const [WIDTH, HEIGHT] = [320, 180];
/** Pixels of what is nothing but light: so soft that enlarging it shows nothing, and it takes half of the time. */
const [SOFT_WIDTH, SOFT_HEIGHT] = [80, 45];
const STEP = WIDTH / BARS;
const THICK = STEP * 0.56;
/** Of JPEG, from 0 to 1. */
const QUALITY = 0.88;
/** Covers that are kept, of a few kilobytes each. */
const KEPT = 400;

/** Pixels for each unit: sharp where a screen has more than one for each. */
const scale = () => Math.min(2, Math.max(1, globalThis.devicePixelRatio || 1));

const pictures = new Map<string, string>();
let sharp: CanvasRenderingContext2D | null = null;
let soft: CanvasRenderingContext2D | null = null;

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
  soft ??= drawingOn(SOFT_WIDTH, SOFT_HEIGHT);
  sharp ??= drawingOn(WIDTH, HEIGHT);
  if (!soft || !sharp) return "";
  drawLight(soft, cover, audio);
  sharp.canvas.width = WIDTH * scale();
  sharp.canvas.height = HEIGHT * scale();
  sharp.scale(scale(), scale());
  sharp.imageSmoothingQuality = "medium";
  sharp.drawImage(soft.canvas, 0, 0, WIDTH, HEIGHT);
  drawVoice(sharp, cover.bars, audio);
  return toJpegAddress(sharp.canvas, QUALITY);
}

function drawingOn(width: number, height: number): CanvasRenderingContext2D | null {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  // Read as often as it is drawn: in memory, not on a graphics card.
  return canvas.getContext("2d", { alpha: false, willReadFrequently: true });
}

function drawLight(to: CanvasRenderingContext2D, { hue, lights }: Cover, audio: boolean): void {
  to.fillStyle = audio ? `oklch(0.4 0.11 ${hue})` : `oklch(0.74 0.115 ${hue})`;
  to.fillRect(0, 0, SOFT_WIDTH, SOFT_HEIGHT);
  // The first one lies on top.
  for (const light of lights.toReversed()) {
    const colour = `${audio ? 0.62 : 0.86} ${audio ? 0.15 : 0.1} ${light.hue}`;
    to.save();
    to.translate((light.x / 100) * SOFT_WIDTH, (light.y / 100) * SOFT_HEIGHT);
    to.scale((light.radius / 100) * SOFT_WIDTH, ((light.radius * 1.2) / 100) * SOFT_HEIGHT);
    const glow = to.createRadialGradient(0, 0, 0, 0, 0, 1);
    glow.addColorStop(0, `oklch(${colour})`);
    glow.addColorStop(1, `oklch(${colour} / 0)`);
    to.fillStyle = glow;
    to.fillRect(-1, -1, 2, 2);
    to.restore();
  }
}

/** Where the voice fades in and out, in shares of the width. */
const [BEGINS, IS_THERE] = [0.04, 0.28];

function drawVoice(to: CanvasRenderingContext2D, bars: readonly number[], audio: boolean): void {
  const strength = audio ? 0.85 : 0.5;
  to.strokeStyle = "white";
  to.lineWidth = THICK;
  to.lineCap = "round";
  bars.forEach((height, index) => {
    const long = Math.max(0.1, height * (audio ? 84 : 44) - THICK);
    const [x, middle] = [(index + 0.5) * STEP, audio ? 90 : 136];
    const fromEdge = Math.min(x, WIDTH - x) / WIDTH;
    // Each line in one strength: a gradient along all of them takes four times as long.
    to.globalAlpha = strength * Math.min(1, Math.max(0, (fromEdge - BEGINS) / (IS_THERE - BEGINS)));
    to.beginPath();
    to.moveTo(x, middle - long / 2);
    to.lineTo(x, middle + long / 2);
    to.stroke();
  });
  to.globalAlpha = 1;
}
