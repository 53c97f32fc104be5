/** Process log: structured lines, secrets redacted by shape. Never a prompt, an answer, a token or a key. */
import pino from 'pino'

export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Readonly<Record<string, string | number | boolean | bigint | null | undefined>>
export type Line = { readonly at: number; readonly level: Level; readonly message: string; readonly fields: Fields }

export type Trace = Readonly<Record<Level, (message: string, fields?: Fields) => void>> & {
  /** Every line of this process, as it is written. */
  readonly onLine: (listener: (line: Line) => void) => () => void
  readonly setLevel: (level: Level) => void
}

const order: readonly Level[] = ['debug', 'info', 'warn', 'error']
const longestField = 500

/** Writes to stdout, readable on a terminal, else one JSON object a line. */
export function createTrace(options: {
  readonly level: Level
  readonly format: 'pretty' | 'json'
  readonly now: () => number
  readonly write?: (text: string) => void
}): Trace {
  const listeners = new Set<(line: Line) => void>()
  const write = options.write ?? ((text: string) => process.stdout.write(text))
  let least = order.indexOf(options.level)
  const json = pino(
    { level: 'trace', base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write },
  )

  function line(level: Level, message: string, fields: Fields = {}): void {
    if (order.indexOf(level) < least) return
    const clean = Object.fromEntries(
      Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, cleaned(value)]),
    )
    const at = options.now()
    if (options.format === 'json') json[level]({ at: new Date(at).toISOString(), ...clean }, message)
    else write(pretty({ at, level, message, fields: clean }))
    for (const listener of listeners) listener({ at, level, message, fields: clean })
  }

  return {
    debug: (message, fields) => line('debug', message, fields),
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
    onLine(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setLevel(level) {
      least = order.indexOf(level)
    },
  }
}

const marks: Readonly<Record<Level, string>> = { debug: '·', info: ' ', warn: '◆', error: '■' }

function pretty({ at, level, message, fields }: Line): string {
  const time = new Date(at).toISOString().slice(11, 19)
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`)
  return `${time} ${marks[level]} ${[message, ...rest].join('  ')}\n`
}

/** Shapes of secrets that must not stand in a log whatever brought them there (P-21). */
const secretShapes: readonly RegExp[] = [
  /sk-[A-Za-z0-9_-]{8,}/g,
  /cashu[AB][A-Za-z0-9_=+/-]{8,}/g,
  /nsec1[a-z0-9]{20,}/g,
  /rnt_[A-Za-z0-9_-]{8,}/g,
  /Bearer\s+\S+/gi,
]

function cleaned(value: Fields[string]): string | number | boolean | null {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'string') return value ?? null
  const plain = value.replaceAll('\0', '\ufffd')
  return secretShapes.reduce((text, shape) => text.replace(shape, '[REDACTED]'), plain).slice(0, longestField)
}
