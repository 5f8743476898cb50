// A word of a junk drawer inside a name that says something is no junk drawer.
export const listener = 0;
