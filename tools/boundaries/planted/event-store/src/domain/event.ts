export interface Event {}
