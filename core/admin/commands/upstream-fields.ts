/** What an operator may say of an upstream, once for every row that takes it (dashboard 4.4). */
import { z } from 'zod'

export const kind = z.enum(['openai', 'openrouter', 'generic'])
export const upstreamName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/, 'small letters, digits and hyphens, 3 to 64')
export const baseUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => {
    // Asked also of what is no URL at all: zod names every rule that a text breaks.
    const url = URL.parse(text)
    return url === null || (url.search === '' && url.username === '')
  }, 'no query and no credentials')
export const apiKey = z.string().min(1).max(500)
export const fee = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(
    z
      .string()
      .regex(/^\d{1,2}(\.\d{1,6})?$/, 'a multiplier from 0.5 to 10')
      .refine((text) => Number(text) >= 0.5 && Number(text) <= 10, 'a multiplier from 0.5 to 10'),
  )
export const priority = z.int().min(-1000).max(1000)
export const endpoints = z.array(z.enum(['chat', 'completions'])).min(1)
export const billing = z.enum(['list', 'reported'])

/** As it is kept: without a slash at its end. */
export const plainUrl = (url: string): string => url.replace(/\/+$/, '')
