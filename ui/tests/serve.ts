/** Builds and serves the window once for all tests in a real browser. */
import type { TestProject } from "vitest/node";
import { serve } from "./window.mjs";

declare module "vitest" {
  interface ProvidedContext {
    windowUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await serve();
  project.provide("windowUrl", server.url);
  return () => server.close();
}
