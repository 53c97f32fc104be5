/** What a decider is: the rules of one kind of stream, pure and synchronous. */

/** The rules said no: a value with a code and the numbers that explain it, never an exception. */
export type Refusal = { readonly refused: string }

export type Decider<State, Command, Event, No extends Refusal> = {
  readonly initial: State
  /** `[]` means "already so": the natural form of idempotency for a repeated wish. */
  readonly decide: (state: State, command: Command) => readonly Event[] | No
  readonly evolve: (state: State, event: Event) => State
  /** What a merge of purses, which stands in another stream, makes of a state that it finds. */
  readonly merged?: (state: State, merge: Merge) => State
}

/** What lay in purse `from` lies in `to` from then on; `mint`: URL of the mint of `to` (wallet 5.6). */
export type Merge = { readonly from: string; readonly to: string; readonly mint: string }

/** A decider whose state also owes work outside; normal running and boot drain the same list. */
export type Process<State, Command, Event, No extends Refusal, Work> = Decider<State, Command, Event, No> & {
  readonly todo: (state: State) => readonly Work[]
}
