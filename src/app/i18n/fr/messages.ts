import type { Translation } from '../message-types.ts';
import { messages as english } from '../en/messages.ts';
export const messages = english satisfies { readonly [Area in keyof typeof english]: Translation<Area> };
