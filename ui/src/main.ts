import "./app.css";
import "../letters.js";
import { drawn } from "$lib/drawn";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
// Reading the page's code takes longer than drawing what is on the screen already, and nothing is drawn meanwhile.
if (document.getElementById("last-look")) await drawn();
const { open } = await import("./window");
open(target);
// The faces of all other letters, which are read where they are needed. Later: WebKit looks for a stand-in for each.
void import("@fontsource-variable/inter/wght.css");
