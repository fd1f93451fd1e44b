/**
 * Received HTML, made harmless: cleaned by dompurify, then put into a document of its own whose policy loads nothing.
 * The frame around it runs no script. What a sender wants in colours, fonts and pictures from elsewhere is left out.
 */
import DOMPurify from 'dompurify';

/** Longer HTML is cut before it is looked at: 2 million characters. */
export const HTML_CHARACTERS_MAX = 2_000_000;

const FORBIDDEN_TAGS = [
  'style',
  'form',
  'input',
  'button',
  'select',
  'textarea',
  'option',
  'video',
  'audio',
  'source',
  'track',
  'picture',
  'svg',
  'math',
  'template',
  'dialog',
  'map',
  'area',
];
const FORBIDDEN_ATTRIBUTES = [
  'style',
  'class',
  'id',
  'name',
  'srcset',
  'background',
  'ping',
  'autofocus',
  'tabindex',
];
/** Pictures that are in the message itself; nothing else may be a source. */
const INLINE_PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,[a-z0-9+/=\s]*$/i;
const WEB_OR_MAIL = /^(https?:|mailto:)/i;

/** A whole document for `srcdoc`; `stylesheet` is the address of our own style for it, `scheme` a value of CSS `color-scheme`. */
export function mailDocument(html: string, stylesheet: string, scheme: string): string {
  const policy = `default-src 'none'; img-src data:; style-src ${new URL(stylesheet).origin}; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html><html dir="auto"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="${scheme}">`,
    `<link rel="stylesheet" href="${stylesheet}"></head><body>${cleanHtml(html)}</body></html>`,
  ].join('');
}

/** Only what can be shown: no script, no form, no style, no remote picture; links open apart, without a trace. */
export function cleanHtml(html: string): string {
  const purify = DOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (node) => {
    if (node.tagName === 'A') {
      const href = node.getAttribute('href') ?? '';
      if (WEB_OR_MAIL.test(href)) {
        node.setAttribute('target', '_blank');
        node.setAttribute('rel', 'noopener noreferrer nofollow');
        node.setAttribute('title', href);
      } else node.removeAttribute('href');
    }
    if (node.tagName === 'IMG' && !INLINE_PICTURE.test(node.getAttribute('src') ?? '')) {
      const words = node.getAttribute('alt')?.trim();
      node.replaceWith(node.ownerDocument.createTextNode(words ? `[${words}]` : ''));
    }
  });
  return purify.sanitize(html.slice(0, HTML_CHARACTERS_MAX), {
    USE_PROFILES: { html: true },
    FORBID_TAGS: FORBIDDEN_TAGS,
    FORBID_ATTR: FORBIDDEN_ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}
