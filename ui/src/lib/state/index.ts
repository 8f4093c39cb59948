/** What views may use of the window's state. */
export * from "./app.svelte";
export { dialogs } from "./dialogs.svelte";
export { toasts } from "./toasts.svelte";
export type { ToExport } from "./exporting.svelte";
export type { Copy } from "./copying.svelte";
export type { Progress } from "./jobs.svelte";
export { Resource } from "./resource.svelte";
