/**
 * In the page's build this stands for the Ed25519 of noble that libp2p would take where WebCrypto has none: the vault needs that of
 * WebCrypto anyhow, and makes all keys.
 */
function refuse(): never {
  throw new Error('this browser has no Ed25519');
}

export const ed25519 = {
  getPublicKey: refuse,
  sign: refuse,
  verify: refuse,
  utils: { randomSecretKey: refuse },
};
