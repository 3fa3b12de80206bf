-- The index of identities begins with the invoice's id.
--
-- Begun with the terminal, it could serve any question about one terminal, badly: a plan made while the ledger was small, and kept for the
-- life of a session, read all invoices of a terminal to find the last counter of its journal. Invoices' ids are of UUID version 7, so new
-- entries go to the end of the index besides.
-- migrate:up
ALTER TABLE ledger DROP CONSTRAINT ledger_identity;
ALTER TABLE ledger ADD CONSTRAINT ledger_identity UNIQUE (invoice_id, terminal_id);

-- migrate:down
ALTER TABLE ledger DROP CONSTRAINT ledger_identity;
ALTER TABLE ledger ADD CONSTRAINT ledger_identity UNIQUE (terminal_id, invoice_id);
