export const PLACE = 'billing-interface';
