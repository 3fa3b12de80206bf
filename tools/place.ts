export const PLACE = 'tools';
