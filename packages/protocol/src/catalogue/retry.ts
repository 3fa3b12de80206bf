/**
 * What the sender should do with a result.
 * `same`: send the same bytes again, soon; `later`: keep it and send it again after a while;
 * `never`: sending it again changes nothing.
 */
export type Retry = 'same' | 'later' | 'never';
