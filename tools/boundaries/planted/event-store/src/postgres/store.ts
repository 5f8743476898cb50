// this folder is caught by: every-adapter-has-a-contract-test
export const postgresStore = [];
