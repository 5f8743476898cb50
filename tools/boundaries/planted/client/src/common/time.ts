// caught by: no-junk-drawers
export const time = 0;
