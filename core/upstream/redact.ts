/** Cleans what an upstream says before a customer may read it (contract 1.8): no key, account or address of ours. */

const longestMessage = 1000
const shapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_*.-]{4,}/g,
  /\borg-[A-Za-z0-9]{4,}/g,
  /\bproj_[A-Za-z0-9]{4,}/g,
  /\bBearer\s+[^\s"']+/gi,
  /\bcashu[AB][A-Za-z0-9_=+/-]{8,}/g,
  /\bln(bc|tb|bcrt)[0-9a-z]{20,}/gi,
  /\b[^\s@"']+@[^\s@"']+\.[A-Za-z]{2,}/g,
]

/** `secrets` are the upstream's own key and URL. */
export function redacted(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret.length > 3) clean = clean.split(secret).join('[REDACTED]')
  for (const shape of shapes) clean = clean.replace(shape, '[REDACTED]')
  return clean.slice(0, longestMessage)
}
