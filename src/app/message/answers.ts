/** Composer sheets that answer a message or pass it on. */
import type { MessageView } from '../../core/mail/views.ts';
import { recipientsText } from '../format/recipients.ts';
import {
  forwardSubject,
  forwardedText,
  quotedText,
  replyAllTo,
  replySubject,
  replyTo,
} from '../format/reply.ts';
import type { ComposerStart } from '../state/composers.svelte.ts';

export function startReply(message: MessageView, text: string, self: string): ComposerStart {
  return {
    to: recipientsText(replyTo(message, self)),
    subject: replySubject(message.subject),
    text: quotedText(message, text),
    inReplyTo: message.id,
  };
}

export function startReplyAll(message: MessageView, text: string, self: string): ComposerStart {
  const { to, cc } = replyAllTo(message, self);
  return { ...startReply(message, text, self), to: recipientsText(to), cc: recipientsText(cc) };
}

/** The attachments go along by reference: nothing is uploaded again. */
export function startForward(message: MessageView, text: string): ComposerStart {
  return {
    subject: forwardSubject(message.subject),
    text: forwardedText(message, text),
    forwarded: message.attachments.map((attachment) => ({ messageId: message.id, attachment })),
  };
}
