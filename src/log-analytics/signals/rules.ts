/** Minutes after the last sale from which a refund is one after closing: the last customer may have come back for a mistake. */
export const CLOSING_PAUSE_MINUTES = 5;
