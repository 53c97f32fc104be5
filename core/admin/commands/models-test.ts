/** models.test: one small call through an upstream, which nobody pays for and whose text is kept nowhere (D-044). */
import { z } from 'zod'
import { command } from '../command'
import { findModel } from '../queries/models'
import { whichModel } from './models-several'

const usual = 'Say hello in one short sentence.'

export const modelsTest = command({
  name: 'models.test',
  role: 'operator',
  class: 'O',
  // What is asked is nobody's business, the log's included.
  secrets: ['text'],
  in: whichModel.extend({ endpoint: z.enum(['chat']).default('chat'), text: z.string().min(1).max(2000).optional() }),
  out: z.object({
    ok: z.boolean(),
    status: z.int().nullable(),
    ms: z.int(),
    usage: z.object({ input: z.int(), output: z.int() }).optional(),
    costMsat: z.int().optional(),
    sentence: z.string(),
  }),
  async run({ upstream, model, text = usual }, context) {
    const row = findModel(context, upstream, model)
    if (row === undefined) return { notFound: `model ${model}` }
    return context.node.upstreams.tryModel(row.upstreamId, row.model, text)
  },
})
