import type { Page } from "playwright-core";
import type { View } from "./window.mjs";

export interface NamedView extends View {
  name: string;
  narrowOnly?: boolean;
  tall?: boolean;
  act?: (page: Page, narrow: boolean) => Promise<void>;
}

export const VIEWS: NamedView[];
