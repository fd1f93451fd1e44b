throw new Error(
  '@helia/libp2p is not part of ePOST: the benchmark gives @helia/bitswap a libp2p node of its own',
);
