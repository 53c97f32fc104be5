/** One HTTP call to a mint, bounded in time and size; what its outcome means is left to the driver (wallet 1.2, 9.3). */
import { limits } from '../limits'

/** `rejected`: the mint answered an error. `later` with `notSent`: nothing left this machine (W-07). */
export type MintAnswer<Value> =
  | { readonly is: 'done'; readonly value: Value }
  | { readonly is: 'rejected'; readonly status: number; readonly code: number | undefined; readonly detail: string }
  | { readonly is: 'later'; readonly why: string; readonly retryAfterMs: number | undefined; readonly notSent: boolean }
  | {
      readonly is: 'unclear'
      readonly why: string
      readonly status: number | undefined
      readonly code: number | undefined
    }

/** Reads JSON whose numbers may exceed 2^53; handed in by the only file that knows the library. */
export type ParseJson = (text: string) => unknown

/** Only these prove that no byte of the request arrived anywhere. */
const notSentCode = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/

export async function askMint(
  url: string,
  request: { readonly body?: string; readonly headers?: Readonly<Record<string, string>>; readonly waitMs: number },
  parseJson: ParseJson,
): Promise<MintAnswer<unknown>> {
  try {
    const response = await fetch(url, {
      method: request.body === undefined ? 'GET' : 'POST',
      ...(request.body === undefined
        ? {}
        : { body: request.body, headers: { 'content-type': 'application/json', ...request.headers } }),
      redirect: 'error',
      signal: AbortSignal.timeout(request.waitMs),
    })
    const text = await boundedText(response)
    return text === undefined
      ? unclear('the answer is too large', response.status)
      : readAnswer(response, text, parseJson)
  } catch (error) {
    const { code, name, message } = error as { code?: unknown; name?: string; message?: string }
    if (typeof code === 'string' && notSentCode.test(code))
      return { is: 'later', why: code, retryAfterMs: undefined, notSent: true }
    return unclear(name === 'TimeoutError' ? 'no answer in time' : String(message ?? error))
  }
}

function readAnswer(response: Response, text: string, parseJson: ParseJson): MintAnswer<unknown> {
  let body: unknown
  try {
    body = parseJson(text)
  } catch {
    body = undefined
  }
  if (response.status === 429)
    return { is: 'later', why: 'the mint limits requests', retryAfterMs: retryAfterMs(response), notSent: false }
  if (response.ok)
    return body === undefined ? unclear('the answer is not JSON', response.status) : { is: 'done', value: body }
  // The NUT code counts whatever the status: mints differ (T3).
  const { code, detail } = (typeof body === 'object' && body !== null ? body : {}) as {
    code?: unknown
    detail?: unknown
  }
  const known = typeof code === 'number' || typeof code === 'bigint' ? Number(code) : undefined
  if (response.status >= 500 && (known === undefined || known === 0))
    return unclear(`status ${response.status}`, response.status)
  return {
    is: 'rejected',
    status: response.status,
    code: known,
    detail: String(typeof detail === 'string' ? detail : text).slice(0, 200),
  }
}

async function boundedText(response: Response): Promise<string | undefined> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limits.mintBodyBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function retryAfterMs(response: Response): number | undefined {
  const text = response.headers.get('retry-after')
  if (text === null) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), limits.mintPauseMaxMs) : undefined
}

const unclear = (why: string, status?: number): MintAnswer<never> => ({ is: 'unclear', why, status, code: undefined })
