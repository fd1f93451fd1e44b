/** What the types of messages are for: a few kinds, each with its colour and its shape. */

import type { OverlayMessage } from '../../core/overlay/messages.ts';

export const kinds = ['lookup', 'answer', 'join', 'service', 'upkeep', 'other'] as const;
export type Kind = (typeof kinds)[number];

const kindOfType: Readonly<Record<OverlayMessage['type'], Kind>> = {
  lookup: 'lookup',
  'routed-request': 'lookup',
  reply: 'answer',
  join: 'join',
  joined: 'join',
  request: 'service',
  response: 'service',
  tell: 'service',
  ack: 'upkeep',
  announce: 'upkeep',
  leave: 'upkeep',
  'ask-contacts': 'upkeep',
  'ask-row': 'upkeep',
  contacts: 'upkeep',
  probe: 'upkeep',
  'probe-reply': 'upkeep',
};

/** A type that is not known is of the kind `other`. */
export function kindOf(type: string): Kind {
  return Object.hasOwn(kindOfType, type) ? kindOfType[type as OverlayMessage['type']] : 'other';
}
