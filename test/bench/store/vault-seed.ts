/** Of the vault that writes the logs; the tab makes the same one from it. */
export const VAULT_SEED = 'the device of the bench';
