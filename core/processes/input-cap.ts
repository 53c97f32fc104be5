/** How many coins one request to a mint may hold (wallet 5.5, 8.1): our own bound, or less where it refused more. */
import { type Engine, inputCapNow, wish } from '../../events'
import { limits } from '../limits'

type Deps = { readonly engine: Engine; readonly now: () => number }

/** Of our own coins; `mintId` as purses name it. */
export async function inputCap(mintId: string, deps: Deps): Promise<number> {
  const maxInputs = await tokenCap(mintId, deps)
  if (maxInputs === undefined) return limits.swapInputs
  // One more than these was refused. Whether it takes as many nobody knows: half of what failed is tried.
  return Math.min(limits.swapInputs, Math.max(limits.swapInputsLeast, (maxInputs + 1) >> 1))
}

/** The most that the mint could take of a stranger's token; undefined: it refused none lately. */
export const tokenCap = async (mintId: string, { engine, now }: Deps): Promise<number | undefined> =>
  inputCapNow(await engine.state('mint', `mint-${mintId}`), now())

/** A request with so many inputs was more than it takes (code 11014); a bound that no mint has is not believed. */
export async function learnRefusedInputs(mintId: string, inputs: number, { engine, now }: Deps): Promise<void> {
  if (inputs <= limits.swapInputsLeast) return
  await engine.execute(wish('mint', `mint-${mintId}`, { do: 'learn-input-cap', maxInputs: inputs - 1, at: now() }), {
    meta: { actor: 'node', door: 'node', cause: undefined },
  })
}
