/** Words of the sheet of keys. */
export const keySheetText = {
  title: 'Keys',
  go: 'Go to',
  lists: 'Lists',
  page: 'Page',
  find: 'Find anything',
  search: 'Search this page',
  rows: 'Next and previous row',
  open: 'Open the row',
  close: 'Close the topmost layer',
  choose: 'Choose the focused row',
  copy: 'Copy the focused id',
  range: 'Previous and next range of time',
  unit: 'Change the unit',
  theme: 'Change the theme',
  help: 'This sheet',
} as const
