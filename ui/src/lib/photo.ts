/** A photo that somebody chose: read whole, checked that it can be shown, and ready to be saved. */
const LARGEST = 10_000_000;

export interface ChosenPhoto {
  /** For showing it before it is saved. */
  address: string;
  /** The file's bytes, for the core. */
  base64: string;
}

export type PhotoProblem = "too_big" | "unreadable";

export async function readPhoto(file: File): Promise<ChosenPhoto | PhotoProblem> {
  if (file.size > LARGEST) return "too_big";
  const address = await asDataAddress(file);
  const base64 = address?.split(",", 2)[1];
  if (!address || !base64 || !(await canBeShown(address))) return "unreadable";
  return { address, base64 };
}

function asDataAddress(file: File): Promise<string | null> {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(typeof reader.result === "string" ? reader.result : null);
    reader.onerror = () => done(null);
    reader.readAsDataURL(file);
  });
}

function canBeShown(address: string): Promise<boolean> {
  return new Promise((done) => {
    const image = new Image();
    image.onload = () => done(image.naturalWidth > 0);
    image.onerror = () => done(false);
    image.src = address;
  });
}
