/** Draws posters that look like frames of meetings: a gallery, a speaker, a shared slide. */

const HUES = [262, 20, 155, 205, 325, 45, 285, 180, 95];

function person(x: number, y: number, size: number, hue: number): string {
  const skin = ["#e8b894", "#c98f68", "#8d5a3c", "#f1cfb0", "#a9714b"][hue % 5];
  const hair = ["#2b211d", "#5a3a22", "#1c1c22", "#80603c"][hue % 4];
  return (
    `<g transform="translate(${x} ${y}) scale(${size / 100})">` +
    `<path d="M8 100c0-27 18-40 42-40s42 13 42 40z" fill="hsl(${hue} 34% 42%)"/>` +
    `<path d="M40 48h20v18c0 7-20 7-20 0z" fill="${skin}"/>` +
    `<ellipse cx="50" cy="36" rx="19" ry="23" fill="${skin}"/>` +
    `<path d="M30 36c-3-34 43-34 40 0-3-14-12-17-20-17s-17 3-20 17z" fill="${hair}"/></g>`
  );
}

function tile(x: number, y: number, w: number, h: number, hue: number): string {
  const size = Math.min(w, h) * 0.86;
  return (
    `<svg x="${x}" y="${y}" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">` +
    `<rect width="${w}" height="${h}" rx="6" fill="hsl(${hue} 18% 78%)"/>` +
    `<rect width="${w}" height="${h * 0.55}" fill="hsl(${hue} 22% 86%)"/>` +
    `<rect x="${w * 0.66}" y="${h * 0.12}" width="${w * 0.2}" height="${h * 0.3}" rx="2" fill="hsl(${hue} 20% 70%)"/>` +
    person(w / 2 - size / 2, h - size, size, hue) +
    `</svg>`
  );
}

function slide(hue: number): string {
  const bars = [54, 82, 38, 96, 70]
    .map(
      (height, i) =>
        `<rect x="${150 + i * 34}" y="${208 - height}" width="20" height="${height}" rx="3" fill="hsl(${hue} ${i === 3 ? "62% 52%" : "26% 78%"})"/>`,
    )
    .join("");
  return (
    `<rect x="16" y="16" width="348" height="238" rx="6" fill="#fbfaf8"/>` +
    `<rect x="40" y="44" width="170" height="14" rx="4" fill="#38342f"/>` +
    `<rect x="40" y="70" width="120" height="7" rx="3" fill="#c9c4bc"/>` +
    [112, 132, 152, 172]
      .map((y, i) => `<rect x="40" y="${y}" width="${80 - i * 9}" height="7" rx="3" fill="#ddd8d0"/>`)
      .join("") +
    bars
  );
}

export function drawPoster(index: number, seed: string): string {
  const hue = HUES[(index + seed.length) % HUES.length]!;
  const other = HUES[(index + seed.length + 3) % HUES.length]!;
  let scene: string;
  if (index % 3 === 0) {
    scene = tile(6, 60, 231, 150, hue) + tile(243, 60, 231, 150, other);
  } else if (index % 3 === 1) {
    scene = slide(hue) + tile(372, 16, 100, 74, hue) + tile(372, 96, 100, 74, other);
  } else {
    scene = [0, 1, 2, 3]
      .map((i) => tile(6 + (i % 2) * 237, 6 + Math.floor(i / 2) * 132, 231, 126, HUES[(index + i * 2) % 9]!))
      .join("");
  }
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 270" width="480" height="270">` +
    `<rect width="480" height="270" fill="#1d1b1a"/>${scene}</svg>`;
  return `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;
}
