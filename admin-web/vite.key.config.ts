/** Builds the customer's own page into `dist/key/`: no code of the dashboard's client is in it (dashboard 4.10). */
import { join } from 'node:path'
import { mergeConfig } from 'vite'
import dashboard from './vite.config.ts'

export default mergeConfig(dashboard, {
  root: join(import.meta.dirname, 'key'),
  base: '/key/',
  build: { outDir: join(import.meta.dirname, '../dist/key') },
})
