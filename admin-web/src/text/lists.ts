/** Words that every list shares: its pages, its columns, what leaves as a file, what several rows can be told at once. */
export const listText = {
  older: 'Older',
  newest: 'Newest',
  working: 'Working…',
} as const
