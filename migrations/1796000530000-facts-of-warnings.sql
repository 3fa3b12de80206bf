-- What a warning's sentence names, so that the console says it in the reader's language.
-- migrate:up

-- `facts` of JudgedWarning (packages/protocol). Empty where an earlier version wrote the row: it has its English sentence alone.
ALTER TABLE invoice_warning ADD COLUMN facts jsonb NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE invoice_warning DROP COLUMN facts;
