import type { Browser, BrowserContext, Page } from "playwright-core";

export interface View {
  scenario?: string;
  hash?: string;
  query?: Record<string, string>;
  ready?: string;
  theme?: "light" | "dark";
  lang?: "en" | "de";
  width?: number;
  height?: number;
  scale?: number;
  contrast?: "more" | "no-preference";
  reducedMotion?: "reduce" | "no-preference";
  /** What is done to the page would not leave it as it was: nobody uses it afterwards. */
  own?: boolean;
}

export interface Size {
  width: number;
  height: number;
}

export const CSP: string;
export const SIZES: Size[];
export const NARROW: Size;
export function serve(): Promise<{ url: string; close: () => Promise<void> }>;
export function launch(): Promise<Browser>;
export function open(
  browser: Browser,
  url: string,
  view: View,
): Promise<{ page: Page; context: BrowserContext; problems: string[]; close: () => Promise<void> }>;
export function settled(page: Page): Promise<void>;
