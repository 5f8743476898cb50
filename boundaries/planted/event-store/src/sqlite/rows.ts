export interface Row {}
