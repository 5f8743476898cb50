export declare const file: string;
export interface Event {}
