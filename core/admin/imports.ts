/** Imports of model lists: a preview is kept for a while, and only what was shown can be applied. */
import type { ListedModel, Upstream } from '../../events'
import type { Trouble } from './command'
import type { UpstreamProbe } from './upstreams-port'

type Accept =
  | 'all'
  | { readonly new: readonly string[]; readonly gone: readonly string[]; readonly changed: readonly string[] }
export type Preview = {
  readonly diff: string
  readonly new: { model: string; inUsdPerM: string | null; outUsdPerM: string | null }[]
  readonly gone: string[]
  readonly changed: { model: string; field: string; old: string | null; new: string | null }[]
  readonly refused: { model: string; why: string }[]
}
export type Chosen = {
  readonly upstream: string
  readonly accepted: readonly string[]
  readonly counts: { readonly new: number; readonly gone: number; readonly changed: number }
  /** The list as it shall be: what was accepted anew, everything else as it stands. */
  readonly listed: (current: Upstream) => readonly ListedModel[]
}
export type Imports = {
  readonly preview: (upstream: string) => Promise<Preview | Trouble>
  readonly choose: (diff: string, accept: Accept) => Chosen | undefined
}

/** Previews kept; the oldest goes. */
const mostPreviews = 20
const perM = 1_000_000

export function createImports(deps: {
  readonly probe: (upstream: string) => Promise<UpstreamProbe>
  readonly state: (upstream: string) => Promise<Upstream>
}): Imports {
  const kept = new Map<
    string,
    { readonly upstream: string; readonly models: readonly ListedModel[]; readonly preview: Preview }
  >()

  async function preview(upstream: string): Promise<Preview | Trouble> {
    const probe = await deps.probe(upstream)
    if (!probe.ok) return { trouble: 'later', sentence: probe.sentence }
    const state = await deps.state(upstream)
    const made = compare(state, probe.models)
    kept.set(made.diff, { upstream, models: probe.models, preview: made })
    const oldest = kept.keys().next()
    if (kept.size > mostPreviews && oldest.done !== true) kept.delete(oldest.value)
    return made
  }

  function choose(diff: string, accept: Accept): Chosen | undefined {
    const found = kept.get(diff)
    if (found === undefined) return undefined
    const { preview: shown, models, upstream } = found
    const pick = (all: readonly string[], wanted: readonly string[] | undefined) =>
      wanted === undefined ? [...all] : all.filter((id) => wanted.includes(id))
    const fresh = pick(
      shown.new.map((row) => row.model),
      accept === 'all' ? undefined : accept.new,
    )
    const gone = pick(shown.gone, accept === 'all' ? undefined : accept.gone)
    const changed = pick(
      [...new Set(shown.changed.map((row) => row.model))],
      accept === 'all' ? undefined : accept.changed,
    )
    const accepted = [...fresh, ...changed]
    return {
      upstream,
      accepted,
      counts: { new: fresh.length, gone: gone.length, changed: changed.length },
      listed(current) {
        const taken = new Map(models.filter((model) => accepted.includes(model.id)).map((model) => [model.id, model]))
        const kept = Object.values(current.models)
          .filter((model) => !model.gone && !gone.includes(model.listed.id))
          .map((model) => taken.get(model.listed.id) ?? model.listed)
        const known = new Set(kept.map((model) => model.id))
        return [...kept, ...[...taken.values()].filter((model) => !known.has(model.id))]
      },
    }
  }

  return { preview, choose }
}

function compare(state: Upstream, models: readonly ListedModel[]): Preview {
  const preview: Preview = { diff: crypto.randomUUID(), new: [], gone: [], changed: [], refused: [] }
  for (const model of models) {
    const known = state.models[model.id]
    const input = perMillion(model.prices?.prompt)
    const output = perMillion(model.prices?.completion)
    if (known === undefined || known.gone) {
      if (model.prices === undefined) preview.refused.push({ model: model.id, why: 'no price' })
      else preview.new.push({ model: model.id, inUsdPerM: input, outUsdPerM: output })
      continue
    }
    // A custom or locked price is never touched by an import, nor is a model added by hand (dashboard 4.3).
    if (known.override !== undefined || known.locked || known.byHand) continue
    const before = {
      input: perMillion(known.listed.prices?.prompt),
      output: perMillion(known.listed.prices?.completion),
    }
    if (before.input !== input) preview.changed.push({ model: model.id, field: 'input', old: before.input, new: input })
    if (before.output !== output)
      preview.changed.push({ model: model.id, field: 'output', old: before.output, new: output })
    if (known.unconfirmed !== undefined)
      preview.refused.push({ model: model.id, why: 'price moved too far; accept it here to confirm' })
  }
  const present = new Set(models.map((model) => model.id))
  for (const [id, model] of Object.entries(state.models))
    if (!model.gone && !model.byHand && !present.has(id)) preview.gone.push(id)
  return preview
}

/** USD per token as decimal text to USD per 1M tokens, for people to compare; the exact price stays the text. */
function perMillion(price: string | undefined): string | null {
  if (price === undefined) return null
  return String(Number((Number(price) * perM).toPrecision(12)))
}
