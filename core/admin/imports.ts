/** Imports of model lists: a preview is kept for a while, and only what was shown can be applied. */
import { type ListedModel, type Model, movedTooFar, type Upstream } from '../../events'
import type { Trouble } from './command'
import type { UpstreamProbe } from './upstreams-port'

type Accept =
  | 'all'
  | { readonly new: readonly string[]; readonly gone: readonly string[]; readonly changed: readonly string[] }
type Moved = { model: string; field: string; old: string | null; new: string | null }
export type Preview = {
  readonly diff: string
  readonly new: { model: string; inUsdPerM: string | null; outUsdPerM: string | null }[]
  readonly gone: string[]
  readonly changed: Moved[]
  /** `outside-guard` is taken over only where an import names the model; its prices stand beside it. */
  readonly refused: {
    model: string
    why: string
    code: 'no-price' | 'id-taken' | 'outside-guard'
    prices?: Moved[]
  }[]
}
/** What the node holds a list against. */
export type Against = {
  readonly guardFactor: number
  /** Whether an alias of another model has this name. */
  readonly isAlias: (id: string) => boolean
}
export type Chosen = {
  readonly upstream: string
  readonly accepted: readonly string[]
  readonly counts: { readonly new: number; readonly gone: number; readonly changed: number }
  /** Prices outside the guard that were named all the same: they ask for a second yes. */
  readonly wild: readonly Moved[]
  /** The list as it shall be: what was accepted anew, everything else as it stands. */
  readonly listed: (current: Upstream) => readonly ListedModel[]
}
export type Imports = {
  readonly preview: (upstream: string, against: Against) => Promise<Preview | Trouble>
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

  async function preview(upstream: string, against: Against): Promise<Preview | Trouble> {
    const probe = await deps.probe(upstream)
    if (!probe.ok) return { trouble: 'later', sentence: probe.sentence }
    const state = await deps.state(upstream)
    const made = compare(state, probe.models, against)
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
    const wild = shown.refused.filter(
      (row) => row.prices !== undefined && accept !== 'all' && accept.changed.includes(row.model),
    )
    const named = wild.map((row) => row.model)
    const accepted = [...fresh, ...changed, ...named]
    return {
      upstream,
      accepted,
      counts: { new: fresh.length, gone: gone.length, changed: changed.length + named.length },
      wild: wild.flatMap((row) => row.prices ?? []),
      listed(current) {
        const taken = new Map(models.filter((model) => accepted.includes(model.id)).map((model) => [model.id, model]))
        const kept = Object.values(current.models)
          .filter((model) => !model.gone && !gone.includes(model.listed.id))
          .map((model) => taken.get(model.listed.id) ?? asItStands(model))
        const known = new Set(kept.map((model) => model.id))
        return [...kept, ...[...taken.values()].filter((model) => !known.has(model.id))]
      },
    }
  }

  return { preview, choose }
}

/** A price in doubt stays in doubt: the old one, listed again, would settle it. */
const asItStands = ({ listed, unconfirmed }: Model): ListedModel =>
  unconfirmed === undefined ? listed : { ...listed, prices: unconfirmed }

function compare(state: Upstream, models: readonly ListedModel[], { guardFactor, isAlias }: Against): Preview {
  const preview: Preview = { diff: crypto.randomUUID(), new: [], gone: [], changed: [], refused: [] }
  for (const model of models) {
    const known = state.models[model.id]
    const input = perMillion(model.prices?.prompt)
    const output = perMillion(model.prices?.completion)
    if (known === undefined || known.gone) {
      if (isAlias(model.id)) preview.refused.push({ model: model.id, why: 'id taken', code: 'id-taken' })
      else if (model.prices === undefined) preview.refused.push({ model: model.id, why: 'no price', code: 'no-price' })
      else preview.new.push({ model: model.id, inUsdPerM: input, outUsdPerM: output })
      continue
    }
    // A custom or locked price is never touched by an import, nor is a model added by hand (dashboard 4.3).
    if (known.override !== undefined || known.locked || known.byHand) continue
    const prices = movesOf(model, known.listed)
    if (movedTooFar(known.listed.prices, model.prices, guardFactor))
      preview.refused.push({
        model: model.id,
        why: `price outside the guard: it moved by more than ${guardFactor} times`,
        code: 'outside-guard',
        prices,
      })
    else preview.changed.push(...prices)
  }
  const present = new Set(models.map((model) => model.id))
  for (const [id, model] of Object.entries(state.models))
    if (!model.gone && !model.byHand && !present.has(id)) preview.gone.push(id)
  return preview
}

function movesOf(now: ListedModel, was: ListedModel): Moved[] {
  const sides = [
    { field: 'input', old: perMillion(was.prices?.prompt), new: perMillion(now.prices?.prompt) },
    { field: 'output', old: perMillion(was.prices?.completion), new: perMillion(now.prices?.completion) },
  ]
  return sides.filter((side) => side.old !== side.new).map((side) => ({ model: now.id, ...side }))
}

/** USD per token as decimal text to USD per 1M tokens, for people to compare; the exact price stays the text. */
function perMillion(price: string | undefined): string | null {
  if (price === undefined) return null
  return String(Number((Number(price) * perM).toPrecision(12)))
}
