/** How an event is declared: one zod object per version, oldest first. */
import type { z } from 'zod'

export type Versions = readonly [z.ZodType, ...z.ZodType[]]
export type Catalogue = Readonly<Record<string, Versions>>

type Newest<V> = V extends readonly [...unknown[], infer Last extends z.ZodType] ? z.infer<Last> : never

/** The union of all events of one catalogue, each in its newest version. */
export type EventOf<C extends Catalogue> = {
  [Type in keyof C & string]: { readonly type: Type; readonly data: Readonly<Newest<C[Type]>> }
}[keyof C & string]
