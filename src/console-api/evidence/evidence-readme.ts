import type { EvidenceManifest } from '@tax-control/protocol/console';

type Told = Pick<EvidenceManifest, 'premisesId' | 'taxpayerId' | 'from' | 'to' | 'zone' | 'environment'>;

/**
 * What goes with every evidence file: how to verify it with openssl and a POSIX shell, and what cannot be verified. A test runs
 * every block of it as it stands (test/console-api/evidence.spec.ts).
 */
export function evidenceReadme({ premisesId, taxpayerId, from, to, zone, environment }: Told): string {
  return `# Evidence: premises ${premisesId} of taxpayer ${taxpayerId}

Sales from ${from} to ${to} (${zone}), environment: ${environment}.

What is here:

| file | what |
|---|---|
| manifest.json, manifest.sig | every file with its SHA-256, and the server's signature over this list |
| SHA256SUMS | the same digests, one a line |
| invoices/TERMINAL/JOURNAL/COUNTER-ID.invoice.json | an invoice, byte for byte as the till signed it |
| ….invoice.input, ….invoice.sig | what the signature is over (header.payload), and the signature in DER |
| ….receipt.json, ….receipt.input, ….receipt.sig | the server's receipt with the tax control code, in the same way |
| invoices.csv, refused.csv, gaps.csv, log-entries.csv, certificates.csv | the same as tables |
| refused/NUMBER.jws | what was refused, as it was sent |
| certificates/FINGERPRINT.pem, .pub | every certificate of the shop's terminals, and its key |
| server/ | the authority, the certificate that signed the manifest, the keys that sign receipts |
| signatures.txt | for each signature: key, signature, file |

You need openssl (1.1.1 or later) and a POSIX shell, in the folder into which you unpacked this. A step that finds fault prints a line
that begins with FAULT; a step that finds none ends with OK.

## 1. Is the manifest the tax office's?

\`\`\`sh
openssl x509 -in server/authority.pem -noout -fingerprint -sha256
openssl verify -no_check_time -CAfile server/authority.pem server/signing.pem || echo "FAULT the signing certificate"
openssl x509 -in server/signing.pem -noout -pubkey | cmp -s - server/signing.pub || echo "FAULT the signing key"
openssl dgst -sha256 -verify server/signing.pub -signature manifest.sig manifest.json || echo "FAULT manifest.json"
\`\`\`

Compare the fingerprint in the first line with the one that the tax office gives you by another way (it is the
"CA digest" of every till's invitation). All else here hangs on it.

## 2. Are the files those of the manifest?

\`\`\`sh
grep -q "\\"$(openssl dgst -sha256 -r SHA256SUMS | cut -d ' ' -f 1)\\"" manifest.json || echo "FAULT SHA256SUMS"
while read -r sum path; do
  [ "$(openssl dgst -sha256 -r "$path" | cut -d ' ' -f 1)" = "$sum" ] || echo "FAULT $path"
done < SHA256SUMS
echo OK
\`\`\`

## 3. Were the certificates issued by the authority?

\`\`\`sh
for certificate in certificates/*.pem; do
  openssl verify -no_check_time -CAfile server/authority.pem "$certificate" > /dev/null || echo "FAULT $certificate"
  openssl x509 -in "$certificate" -noout -pubkey | cmp -s - "\${certificate%.pem}.pub" || echo "FAULT the key of $certificate"
done
echo OK
\`\`\`

Whose each is, and from when to when: \`openssl x509 -in FILE -noout -subject -dates\`; CN is the terminal, O the taxpayer.

## 4. Do the signatures fit?

\`\`\`sh
while read -r key signature file; do
  openssl dgst -sha256 -verify "$key" -signature "$signature" "$file" > /dev/null || echo "FAULT $file"
done < signatures.txt
echo OK
\`\`\`

## 5. Is what can be read what was signed?

\`\`\`sh
decode() { tr '_-' '/+' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | openssl base64 -d -A; }
find invoices -name '*.input' | while read -r input; do
  cut -d . -f 2 "$input" | decode | cmp -s - "\${input%.input}.json" || echo "FAULT \${input%.input}.json"
done
echo OK
\`\`\`

## 6. Is each receipt of its invoice?

\`\`\`sh
digest() { openssl dgst -sha256 -binary "$1" | openssl base64 -A | tr '+/' '-_' | tr -d '='; }
find invoices -name '*.invoice.json' | while read -r invoice; do
  receipt="\${invoice%.invoice.json}.receipt.json"
  grep -q "\\"invoiceDigest\\":\\"$(digest "$invoice")\\"" "$receipt" || echo "FAULT $receipt"
done
echo OK
\`\`\`

## 7. Is the chain of each journal whole?

Each invoice names the digest of the one before it. Where counters are missing here, this says so (before the first one and between
two): an invoice of another period, one that was refused (refused.csv), or a gap (gaps.csv).

\`\`\`sh
digest() { openssl dgst -sha256 -binary "$1" | openssl base64 -A | tr '+/' '-_' | tr -d '='; }
for journal in invoices/*/*/; do
  expected=1 previous=
  for invoice in "$journal"*.invoice.json; do
    [ -e "$invoice" ] || continue
    counter=$(basename "$invoice" | cut -c 1-16 | sed 's/^0*//')
    if [ "$counter" -gt "$expected" ]; then
      echo "missing in $journal: $expected to $((counter - 1))"
    elif [ "$counter" -gt 1 ] && [ -n "$previous" ]; then
      grep -q "\\"previousDigest\\":\\"$previous\\"" "$invoice" || echo "FAULT the chain breaks at $invoice"
    fi
    previous=$(digest "$invoice") expected=$((counter + 1))
  done
done
echo OK
\`\`\`

## What this does not show

- Whether the six digits of a code's MAC fit: their key is secret. That the code was given to this invoice, the receipt's signature says.
- What a till never told. Gaps, refused invoices and attempts are what is known of that.
- Attempts whose time cannot be believed are in no period and so not in log-entries.csv.
- Invoices whose bytes were removed after their retention: their receipts are here, and invoices.csv says "removed" (column "content");
  so does refused.csv of refused ones; "not_kept" there means that the terminal had too much refused on that day, so that
  only the facts were kept. "missing" would mean that bytes are not on file although nothing removed them: ask the tax office.
`;
}
