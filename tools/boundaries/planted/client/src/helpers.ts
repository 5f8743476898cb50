// caught by: no-junk-drawers
export const anything = 0;
