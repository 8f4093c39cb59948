/**
 * JPEG pictures of what was drawn, without a colour profile. WebKit writes that of sRGB into each, which is what a JPEG
 * without one means anyway (CSS Color 4, "color space of images"), and then converts every pixel whenever it reads the
 * picture: that takes longer than all else about it.
 */

const SEGMENT = 0xff;
/** "Application segment 2", where a colour profile is, and how one begins (ICC.1, annex B.4). */
const APP2 = 0xe2;
const PROFILE = "ICC_PROFILE\0";
/** Start of scan: what comes from here on is the picture itself. */
const SCAN = 0xda;

/** The same picture without its colour profile. One byte for each character, as `atob` gives them. */
export function withoutProfile(jpeg: string): string {
  const byte = (at: number) => jpeg.charCodeAt(at);
  let kept = jpeg.slice(0, 2);
  let at = 2;
  while (at + 4 <= jpeg.length && byte(at) === SEGMENT && byte(at + 1) !== SCAN) {
    const end = at + 2 + byte(at + 2) * 256 + byte(at + 3);
    const isProfile = byte(at + 1) === APP2 && jpeg.startsWith(PROFILE, at + 4);
    if (!isProfile) kept += jpeg.slice(at, end);
    at = end;
  }
  return kept + jpeg.slice(at);
}

/** What is on a canvas as JPEG, in base64; `quality` from 0 to 1. */
export function toJpeg(canvas: HTMLCanvasElement, quality: number): string {
  const [, base64 = ""] = canvas.toDataURL("image/jpeg", quality).split(",");
  return btoa(withoutProfile(atob(base64)));
}

/** The same as an address that an image can have. */
export const toJpegAddress = (canvas: HTMLCanvasElement, quality: number) =>
  `data:image/jpeg;base64,${toJpeg(canvas, quality)}`;
