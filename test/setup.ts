/** Node 20 lacks what libp2p 3 uses; the same module that the relay loads first. */
import '../src/adapters/libp2p/polyfill.ts';
