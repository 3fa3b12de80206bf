import type { TerminalPage } from '@tax-control/protocol/console';
import { formatCount, formatDuration, formatInstant } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Dot, Facts, Instant, Place } from '../../parts/words.js';
import { STATUS_TONES } from './status-tones.js';

/** Where a till stands, in which state it is, and what runs on it. */
export function TerminalFacts({ terminal, zone }: { readonly terminal: TerminalPage; readonly zone: string }) {
  const { t, tag, code } = useLanguage();
  const at = (instant: string) => formatInstant(instant, tag, zone);
  const { software, clock, fetchedParameters: fetched, openInvitation: invitation } = terminal;
  const current = terminal.parametersVersion ?? t('terminal.none');
  return (
    <Facts
      facts={[
        [
          t('column.status'),
          <span key="status">
            <Dot tone={STATUS_TONES[terminal.status]}>{code('status', terminal.status)}</Dot>{' '}
            {t('terminal.since', { at: at(terminal.statusChangedAt) })}
            {terminal.statusReason !== null && ` (${terminal.statusReason})`}
          </span>,
        ],
        [t('column.premises'), <Place key="premises" name={terminal.premisesName} premisesId={terminal.premisesId} />],
        [t('column.taxpayer'), <Place key="taxpayer" name={terminal.taxpayerName} premisesId={terminal.taxpayerId} />],
        [t('column.region'), terminal.region],
        [t('column.address'), terminal.premisesAddress],
        [t('terminal.activity'), terminal.activity],
        [t('terminal.registered'), at(terminal.registeredAt)],
        [
          t('terminals.last_sign'),
          terminal.lastSignAt === null ? (
            t('terminals.never')
          ) : (
            <Instant key="sign" at={terminal.lastSignAt} zone={zone} />
          ),
        ],
        [t('terminals.pending'), formatCount(terminal.pending, tag)],
        [t('terminal.software'), software === null ? t('terminal.unknown') : `${software.name} ${software.version}`],
        [
          t('terminal.clock'),
          clock === null
            ? t('terminal.unknown')
            : t('terminal.clock_off', { offset: formatDuration(Math.abs(clock.offsetMs), tag), at: at(clock.at) }),
        ],
        [
          t('terminal.parameters'),
          fetched === null
            ? t('terminal.parameters_unseen', { current })
            : t('terminal.parameters_fetched', { version: fetched.version, at: at(fetched.at), current }),
        ],
        [
          t('terminal.invitation'),
          invitation === null
            ? t('terminal.none')
            : invitation.lastWrongTryAt === null
              ? t('terminal.invitation_until', { at: at(invitation.expiresAt) })
              : t('terminal.invitation_tries', {
                  at: at(invitation.expiresAt),
                  tries: formatCount(invitation.wrongTries, tag),
                  last: at(invitation.lastWrongTryAt),
                }),
        ],
      ]}
    />
  );
}
