/** Takes one telling frame of a video, as a small JPEG. */
import { toJpeg } from "../jpeg";
import { first, release } from "./probe";

/** Widest poster in pixels. */
const WIDTH = 640;
/** Of JPEG, from 0 to 1. */
const QUALITY = 0.8;
/** Where to look, as shares of the length: the first place that shows something wins. */
const PLACES = [0.1, 0.25, 0.5, 0.04, 0.75];

/** JPEG of a frame in base64; none when the video shows nothing but darkness, or cannot be read. */
export async function takeFrame(url: string): Promise<string | null> {
  const video = document.createElement("video");
  // Without this the canvas would be tainted: the media server is another origin.
  video.crossOrigin = "anonymous";
  video.muted = true;
  video.preload = "auto";
  video.playsInline = true;
  video.src = url;
  try {
    if ((await first(video, ["loadeddata", "error"])) !== "loadeddata") return null;
    if (!Number.isFinite(video.duration) || video.videoWidth === 0) return null;
    for (const place of PLACES) {
      video.currentTime = video.duration * place;
      if ((await first(video, ["seeked", "error"])) !== "seeked") return null;
      const canvas = draw(video, WIDTH);
      if (canvas && tells(sample(canvas))) return toJpeg(canvas, QUALITY);
    }
    return null;
  } catch {
    // A tainted canvas, or a decoder that gave up: the drawn cover stays.
    return null;
  } finally {
    release(video);
  }
}

function draw(video: HTMLVideoElement, widest: number): HTMLCanvasElement | null {
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(widest, video.videoWidth);
  canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context && canvas;
}

function sample(canvas: HTMLCanvasElement): Uint8ClampedArray {
  const small = document.createElement("canvas");
  small.width = 32;
  small.height = 18;
  const context = small.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(canvas, 0, 0, small.width, small.height);
  return context.getImageData(0, 0, small.width, small.height).data;
}

/** Whether RGBA pixels show something: not nearly black all over, and not one even colour. */
export function tells(pixels: Uint8ClampedArray): boolean {
  let sum = 0;
  let squares = 0;
  const count = pixels.length / 4;
  for (let i = 0; i < pixels.length; i += 4) {
    const light = 0.2126 * pixels[i]! + 0.7152 * pixels[i + 1]! + 0.0722 * pixels[i + 2]!;
    sum += light;
    squares += light * light;
  }
  const mean = sum / count;
  const spread = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return mean > 12 && spread > 6;
}
