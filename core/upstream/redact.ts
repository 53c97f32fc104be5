/** Cleans what an upstream says before a customer may read it (contract 1.8): no key, account or address of ours. */

const longestMessage = 1000
/** Only the beginning of an error text is looked at: the patterns below must not be fed megabytes. */
const longestRead = 16_384
const shapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_*.-]{4,}/g,
  /\borg-[A-Za-z0-9]{4,}/g,
  /\bproj_[A-Za-z0-9]{4,}/g,
  /\bBearer\s+[^\s"']+/gi,
  /\bcashu[AB][A-Za-z0-9_=+/-]{8,}/g,
  /\bln(bc|tb|bcrt)[0-9a-z]{20,}/gi,
  /[^\s@"'<>()]{1,64}@[^\s@"'<>()]{1,255}\.[A-Za-z]{2,24}/g,
]

/** At most 1000 characters. `secrets` are the upstream's own key and URL. */
export function redacted(text: string, secrets: readonly string[]): string {
  let clean = text.slice(0, longestRead)
  // The longest first, so that a key which contains another is replaced as a whole.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length))
    if (secret.length > 3) clean = clean.split(secret).join('[REDACTED]')
  for (const shape of shapes) clean = clean.replace(shape, '[REDACTED]')
  return clean.slice(0, longestMessage)
}
