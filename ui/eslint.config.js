import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  {
    ignores: [
      "dist/",
      "dist-fake/",
      "screenshots/",
      "src/lib/bindings/",
      "src/lib/paraglide/",
      "project.inlang/",
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      "no-undef": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Everything from outside is text, wherever it is shown.
      "svelte/no-at-html-tags": "error",
      // Routes are hashes of our own small router, not SvelteKit's.
      "svelte/no-navigation-without-resolve": "off",
      // Caches and parsers hold plain maps on purpose; what is shown is `$state`.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  {
    // One file knows Tauri.
    files: ["src/**/*.{ts,svelte}"],
    ignores: ["src/lib/tauri.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@tauri-apps/*"], message: "Only lib/tauri.ts knows Tauri; ask lib/api." }] },
      ],
    },
  },
);
