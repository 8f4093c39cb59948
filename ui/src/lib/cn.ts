/** Joins class names; a later Tailwind class wins over an earlier one of the same kind. */
import { clsx, type ClassValue } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({ extend: { theme: { text: ["md"], shadow: ["card", "float"] } } });

export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
