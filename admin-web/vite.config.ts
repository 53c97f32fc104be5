/** Builds the dashboard into `dist/admin/`, and serves it while one works on it (`bun run dev`). */
import { join } from 'node:path'
import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'

const node = process.env.DASHBOARD_NODE ?? `http://127.0.0.1:${process.env.PORT ?? '8000'}`

export default defineConfig({
  root: import.meta.dirname,
  base: '/admin/',
  plugins: [solid()],
  // The shared lock file and modules lie one folder up.
  cacheDir: join(import.meta.dirname, '../node_modules/.vite'),
  build: {
    outDir: join(import.meta.dirname, '../dist/admin'),
    emptyOutDir: true,
    target: 'es2024',
    // `light-dark()` stays as it is: both themes are one list of tokens (dashboard 2).
    cssTarget: ['chrome125', 'firefox125', 'safari17.5'],
    // The content policy knows no `data:` for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    port: 5173,
    strictPort: true,
    // The node refuses foreign origins, so the one of Vite's server becomes its own.
    proxy: { '/admin/api': { target: node, changeOrigin: true, headers: { origin: node } } },
  },
})
