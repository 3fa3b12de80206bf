/**
 * Work beside the issuing path pauses so many times as long as it worked: it takes a tenth of one of the database's processors at most,
 * however much there is to catch up.
 */
export const PAUSE_SHARE = 9;
