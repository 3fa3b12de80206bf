-- Which places of an invoice made the server refuse it, so that the console marks them in any language.
-- migrate:up

-- JSON Pointers into the payload, an array of texts. Empty where the refusal is of the whole, or where an earlier version wrote the row.
ALTER TABLE refused_invoice ADD COLUMN pointers jsonb NOT NULL DEFAULT '[]';

-- migrate:down
ALTER TABLE refused_invoice DROP COLUMN pointers;
