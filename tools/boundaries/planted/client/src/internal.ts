export const wait = 0;
