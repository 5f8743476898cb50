/** Length of a store's key for page tokens. */
export const keyBytes = 32;
