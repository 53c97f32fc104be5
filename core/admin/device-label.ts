/** What a browser is called in the list of devices: its name and its system, from the header it sends (dashboard 4.7). */

/** The first that fits: most browsers name the others too. */
const browsers = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(HeadlessChrome|Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const
const systems = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const
const most = 60

/** At most 60 characters; a header that names no browser we know stays as it is. */
export function deviceLabel(userAgent: string | null): string {
  const header = userAgent ?? 'browser'
  const [browser] = browsers.filter(([sign]) => sign.test(header)).map(([, name]) => name)
  const [system] = systems.filter(([sign]) => sign.test(header)).map(([, name]) => name)
  if (browser === undefined) return header.slice(0, most)
  return system === undefined ? browser : `${browser} on ${system}`
}
