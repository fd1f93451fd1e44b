/** What is said when the ring is not the one that this node remembers: what happened, what it means, what to do. */
import type { WorldCode } from './world-check.ts';

/** `people`: of how many people devices are remembered. */
export function worldNotice(code: WorldCode, people: number): string {
  switch (code) {
    case 'strangers':
      return (
        `None of the devices that this one has met in the last days can be reached (they belong to ${people} people), but ` +
        'others are here. At an unusual hour or on a holiday that is ordinary. It would look the same if a relay kept your ' +
        'colleagues from you. Nothing is lost: what you send stays on this device too. If somebody you know should be here ' +
        'now, ask them on another way, and tell your operator. If this is as it should be, close this notice: who is here ' +
        'now will be known from then on.'
      );
    case 'smaller':
      return (
        'Far fewer devices of your organization are here than usual at this time of the week. On a holiday that is ordinary. ' +
        'Mail goes on, with fewer copies. If your colleagues are at work, tell your operator.'
      );
    case 'relays-differ':
      return (
        'Two relays of your organization show different devices near this one. One of them may be faulty, or hide devices ' +
        'from you. Mail goes on through both, and nothing is lost. Tell your operator if this stays.'
      );
    case 'relays-away':
      return (
        'Only one of the relays of your organization can be reached. Mail goes on; but what one relay says cannot be held ' +
        'against another now. Tell your operator if this stays.'
      );
  }
}
