/** What the members of the overlay tests have in common. */

/** Answers with the node's id. */
export const NAME_SERVICE = 'test.name';
