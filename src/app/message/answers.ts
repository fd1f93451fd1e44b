/** Composer sheets that answer a message or pass it on. */
import type { BodyView, MessageView } from '../../core/mail/views.ts';
import { recipientsText } from '../format/recipients.ts';
import {
  attribution,
  forwardedFacts,
  forwardedText,
  forwardSubject,
  quotedText,
  replyAllTo,
  replySubject,
  replyTo,
} from '../format/reply.ts';
import { escaped } from '../letter/document.ts';
import { htmlOfText } from '../letter/html-of-text.ts';
import type { ComposerStart } from '../state/composer.svelte.ts';

export async function startReply(message: MessageView, body: BodyView, self: string): Promise<ComposerStart> {
  const text = quotedText(message, body.text);
  const html = `<div>${escaped(attribution(message))}</div><blockquote>${await safeHtml(body)}</blockquote>`;
  return {
    to: recipientsText(replyTo(message, self)),
    subject: replySubject(message.subject),
    quote: { text, html: html + ROOM_BELOW },
    inReplyTo: message.id,
  };
}

export async function startReplyAll(
  message: MessageView,
  body: BodyView,
  self: string,
): Promise<ComposerStart> {
  const { to, cc } = replyAllTo(message, self);
  return { ...(await startReply(message, body, self)), to: recipientsText(to), cc: recipientsText(cc) };
}

/** The attachments go along by reference: nothing is uploaded again. */
export async function startForward(message: MessageView, body: BodyView): Promise<ComposerStart> {
  const [title, ...facts] = forwardedFacts(message).map(escaped);
  const head = [`<strong>${title}</strong>`, ...facts].map((line) => `<div>${line}</div>`).join('');
  const html = `<blockquote>${head}<div><br></div>${await safeHtml(body)}</blockquote>`;
  return {
    subject: forwardSubject(message.subject),
    quote: { text: forwardedText(message, body.text), html: html + ROOM_BELOW },
    forwarded: message.attachments.map((attachment) => ({ messageId: message.id, attachment })),
  };
}

/** So that one can go on writing below a quotation. */
const ROOM_BELOW = '<div><br></div>';

/** Whole elements, so that nothing gets out of the quotation; the cleaner is fetched with the first formatted message. */
async function safeHtml({ text, html }: BodyView): Promise<string> {
  if (html === undefined) return htmlOfText(text.trimEnd());
  const { cleanHtml } = await import('./sanitise.ts');
  return cleanHtml(html);
}
