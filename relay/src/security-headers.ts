/** Headers of every answer: what a page of ours may load and who may look into it (W3C CSP 3; promise 3). */

/**
 * No inline script or style, nothing from elsewhere. Received HTML is shown in a `srcdoc` frame, which inherits this
 * policy. `socketOrigins` are the websocket origins of the ring's relays: pages opened under another name of the same
 * machine still dial the address in the ring descriptor.
 */
export function securityHeaders(
  publicUrl: string,
  socketOrigins: readonly string[],
): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${socketOrigins.join(' ')}`.trim(),
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "worker-src 'self'",
    "frame-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}
