/** Something that really plays and seeks in any browser, without a media server: a quiet WAV of the right length. */

const RATE = 4_000;

export function quietWav(seconds: number): string {
  const length = Math.max(1, Math.round(seconds)) * RATE;
  const header = new DataView(new ArrayBuffer(44));
  const text = (at: number, word: string) =>
    [...word].forEach((char, i) => header.setUint8(at + i, char.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + length, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, RATE, true);
  header.setUint32(28, RATE, true);
  header.setUint16(32, 1, true);
  header.setUint16(34, 8, true);
  text(36, "data");
  header.setUint32(40, length, true);
  return URL.createObjectURL(new Blob([header, new Uint8Array(length).fill(128)], { type: "audio/wav" }));
}
