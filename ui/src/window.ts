/** All that the window shows first: the page's own code. */
import { mount } from "svelte";
import App from "./App.svelte";

/** Puts the window's content into the page. */
export function open(target: HTMLElement): void {
  mount(App, { target });
}
