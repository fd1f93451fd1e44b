/** Names of the profile's databases in IndexedDB; the vault of the service worker has its own. */

/** The database of membership and drafts, open in every tab. */
export const PROFILE_DATABASE = 'epost-profile';
/** The database of the node's blocks, logs and queue. */
export const NODE_DATABASE = 'epost-node';
/** The database of the search index: shards, and the key that seals them, itself sealed by the vault. */
export const SEARCH_DATABASE = 'epost-search';
