// What ESLint looks for: faults, not style. `python3 dev.py check` runs it.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: ["error", "always", { null: "ignore" }], // `!= null` asks for null and undefined at once
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-var": "error",
  "prefer-const": "error",
  "no-restricted-properties": [
    "error",
    ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({ property, message: "Texts go into the page through textContent." })),
  ],
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "array-callback-return": "error",
  "no-promise-executor-return": "error",
  "no-self-compare": "error",
  "no-unmodified-loop-condition": "error",
};

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  { files: ["src/**/*.js"], languageOptions: { ecmaVersion: 2022, globals: globals.browser }, rules },
  { files: ["*.mjs", "test/**/*.js"], languageOptions: { ecmaVersion: 2022, globals: globals.node }, rules },
  { files: ["test/pages/*.js"], languageOptions: { ecmaVersion: 2022, globals: globals.browser }, rules },
];
