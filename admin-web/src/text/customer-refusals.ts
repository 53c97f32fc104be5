/** What a customer reads when something was not done, by the codes of the public door. */
type Details = Readonly<Record<string, unknown>>

export const customerRefusals: Readonly<Record<string, (details: Details) => string>> = {
  unreachable: () => 'The node does not answer. Nothing was done; try again in a moment.',
  invalid_api_key: () => 'This key is not known to this node. Nothing was changed.',
  key_not_found: () => 'This key is not known to this node, or has ended.',
  no_balance_to_refund: () => 'Nothing is left on this key.',
  balance_too_small_to_refund: () => 'Less than 1 sat is left: it stays on the key.',
  refund_ongoing_requests: () => 'A request is running. Nothing was refunded; try again when it has ended.',
  refund_pending: () => 'The refund is under way. Ask again in a moment; nothing is paid twice.',
  refund_unresolved: () => 'The mint has not said yet whether it paid. The money is safe; ask again later.',
  child_key_not_allowed: () => 'A child key cannot do this: use its parent.',
  child_key_refund: () => 'A child key has no money of its own: its parent is refunded.',
  cashu_untrusted_source_mint: ({ accepted_mints: mints }) =>
    `This node does not take tokens of that mint. Your token is untouched. It takes: ${
      Array.isArray(mints) ? mints.join(', ') : 'unknown'
    }. Or pay by Lightning.`,
  cashu_token_already_spent: () => 'This token was spent already. Nothing was credited.',
  deposit_pending: () => 'The mint has not answered yet. The money is not lost: send the same token again in a moment.',
  key_expired: () => 'This key has expired: its balance can still be refunded.',
  session_frozen: () => 'The operator froze this key: its balance can still be refunded.',
}

export const customerFallback = {
  plain: 'Not done. Try again in a moment.',
  /** The node's own sentence, for there is no better one. */
  because: (sentence: string) => `Not done: ${sentence}.`,
}
