/** models.enable, disable, lock, unlock, setAliases: what is offered and by which names, at once. */
import { z } from 'zod'
import { wish } from '../../../events'
import { command, longAgeS, type RunContext } from '../command'
import { findModel, modelRow, shownModel } from '../queries/models'
import { changed, eachModel, severalModels, whichModel } from './models-several'

export const modelsEnable = command({
  name: 'models.enable',
  role: 'operator',
  class: 'L',
  in: severalModels,
  out: changed,
  run: ({ models }, context) => eachModel(models, context, 'enable'),
})

export const modelsDisable = command({
  name: 'models.disable',
  role: 'operator',
  class: 'L',
  maxAgeS: longAgeS,
  in: severalModels,
  out: changed,
  run: ({ models }, context) => eachModel(models, context, 'disable'),
})

export const modelsLock = command({
  name: 'models.lock',
  role: 'operator',
  class: 'L',
  in: severalModels,
  out: changed,
  run: ({ models }, context) => eachModel(models, context, 'lock'),
})

export const modelsUnlock = command({
  name: 'models.unlock',
  role: 'operator',
  class: 'L',
  in: severalModels,
  out: changed,
  run: ({ models }, context) => eachModel(models, context, 'unlock'),
})

export const alias = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, 'letters, digits and . _ : / - only, at most 128')

export const modelsSetAliases = command({
  name: 'models.setAliases',
  role: 'operator',
  class: 'L',
  in: whichModel.extend({ aliases: z.array(alias).max(20) }),
  out: modelRow,
  async run({ upstream, model, aliases }, context) {
    const row = findModel(context, upstream, model)
    if (row === undefined) return { notFound: `model ${model}` }
    const taken = aliasClash(row.model, aliases, context)
    if (taken !== undefined) return { refused: 'alias-taken', alias: taken }
    const outcome = await context.execute(
      wish('upstream', row.upstreamId, { do: 'set-aliases', model: row.model, aliases }),
    )
    return 'refused' in outcome ? outcome : shownModel({ ...row, aliases }, context)
  },
})

/** An alias must not be an id or alias of another model, nor stand twice in the list. */
export function aliasClash(model: string, aliases: readonly string[], { node }: RunContext): string | undefined {
  const names = node.upstreams.names()
  const seen = new Set<string>()
  for (const wanted of aliases) {
    const known = names.get(wanted.toLowerCase())
    if (known !== undefined && known.model !== model) return wanted
    if (wanted.toLowerCase() === model.toLowerCase() || seen.has(wanted.toLowerCase())) return wanted
    seen.add(wanted.toLowerCase())
  }
  return undefined
}
