import "./app.css";
import "../letters.js";
import { mount } from "svelte";
import App from "./App.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
mount(App, { target });
// The faces of all other letters, which are read where they are needed. Later: WebKit looks for a stand-in for each.
void import("@fontsource-variable/inter/wght.css");
