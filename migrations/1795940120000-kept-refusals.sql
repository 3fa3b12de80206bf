-- Beyond what one terminal may have kept in a day, only the facts of a refused invoice are: its bytes are at the till.
-- migrate:up
ALTER TABLE refused_invoice
  ADD COLUMN is_kept_whole boolean NOT NULL DEFAULT true,
  ADD CONSTRAINT refused_invoice_kept CHECK (is_kept_whole OR (body = '' AND body_removed_at IS NOT NULL));

-- migrate:down
ALTER TABLE refused_invoice DROP COLUMN is_kept_whole;
