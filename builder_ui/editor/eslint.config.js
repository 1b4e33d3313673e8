import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

// Who may import whom. A region not named in its own list is out of its reach.
const FOLDERS = ["app", "canvas", "outline", "palette", "inspector", "runs", "versions", "commands", "store", "document", "api", "ui", "i18n"];
const MAY_IMPORT = {
  i18n: [],
  document: [],
  ui: ["i18n"],
  api: ["document"],
  store: ["api", "document"],
  commands: ["store", "api", "document", "i18n"],
  canvas: ["commands", "store", "api", "document", "ui", "i18n"],
  outline: ["commands", "store", "api", "document", "ui", "i18n"],
  palette: ["commands", "store", "api", "document", "ui", "i18n"],
  inspector: ["commands", "store", "api", "document", "ui", "i18n"],
  runs: ["commands", "store", "api", "document", "ui", "i18n"],
  versions: ["commands", "store", "api", "document", "ui", "i18n"],
  app: FOLDERS,
};
const WHY = {
  document: "document/ is pure: no React, no store, no server.",
  canvas: "Regions never import each other; they meet in the store and in the commands.",
};

const layer = (folder) => {
  const forbidden = FOLDERS.filter((other) => other !== folder && !MAY_IMPORT[folder].includes(other));
  const patterns = forbidden.map((other) => ({
    group: [`@/${other}/*`, `@/${other}`, `../${other}/*`, `../../${other}/*`],
    message: WHY[folder] ?? `${folder}/ stands below or beside ${other}/: imports run app -> regions -> commands -> store -> api, document.`,
  }));
  if (folder !== "canvas") {
    patterns.push({ group: ["@xyflow/*"], message: "Only canvas/ knows what draws the graph." });
  }
  if (folder === "document") {
    patterns.push({ group: ["react", "react-dom", "zustand*", "@tanstack/*", "@mantine/*"], message: WHY.document });
  }
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: { "no-restricted-imports": ["error", { patterns }] },
  };
};

export default tseslint.config(
  { ignores: ["node_modules", "dist", "**/*.generated.*"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] }, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-lines": ["error", { max: 300 }],
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
  ...FOLDERS.map(layer),
);
