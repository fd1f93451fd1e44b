/** In the page's build this stands for @noble/curves/secp256k1.js, which libp2p would load: peer keys are Ed25519. */

/** libp2p makes each of these an error of its own: the key is invalid. */
function refuse(): never {
  throw new Error('peer keys are Ed25519');
}

export const secp256k1 = {
  getPublicKey: refuse,
  sign: refuse,
  verify: refuse,
  utils: { randomSecretKey: refuse },
  Point: { fromBytes: refuse },
};
