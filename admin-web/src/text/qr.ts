/** Words around a QR code that is shown part by part (dashboard 6). */
import { count } from '../format'

export const qrText = {
  part: (part: number, all: number) => `part ${count(part)} of ${count(all)}`,
  lead: 'Too long for one code: hold the camera of your wallet on it until every part was seen.',
  pause: 'Pause',
  goOn: 'Go on',
  previous: 'Previous part',
  next: 'Next part',
} as const
