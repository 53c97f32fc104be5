/** Where a Chromium may stand; the headless shell is the same engine without a desktop's windows, for half the work. */
import { existsSync } from 'node:fs'

const paths = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
)

/** undefined: none is installed. */
export const chromiumPath = (): string | undefined => paths.find((path) => existsSync(path))
