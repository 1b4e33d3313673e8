import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The development server hands everything but its own modules on to a running copy of the product.
const server = process.env.MULGIL_SERVER ?? "http://127.0.0.1:8000";
const host = server.replace(/^http/, "ws");
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: "/static/builder/",
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${file("./src")}/` },
      // The package doesn't export its table of shapes, which icons of any name are drawn from.
      { find: /^@tabler\/icons\/(?=tabler-nodes)/, replacement: `${file("./node_modules/@tabler/icons")}/` },
    ],
  },
  build: {
    outDir: file("../../static/builder"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2023",
    sourcemap: false,
    // Inlined data: URLs would need a wider content policy than the pages have.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: "src/main.tsx" },
  },
  server: {
    proxy: {
      "/api": server,
      "/sign-in": server,
      "/sign-out": server,
      "/ws": { target: host, ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/setup.test-env.ts"],
    // A busy machine is no fault of the product.
    testTimeout: 45_000,
  },
});
